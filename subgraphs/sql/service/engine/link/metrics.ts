/** Question words → metrics and measures of the semantic model. */
import type { SemanticModel } from '../../semantic-model/types';
import { splitName, stems } from '../text/names';
import type { Token } from '../text/types';
import type { MetricForm } from './name-index';
import type { MetricLink } from './types';

export function metricForms(model: SemanticModel): MetricForm[] {
  const forms: MetricForm[] = [];
  const add = (metric: string, names: readonly (string | undefined)[]) => {
    for (const name of new Set(names)) {
      if (!name) continue;
      const words = splitName(name);
      forms.push({ metric, words, stems: stems(words) });
    }
  };
  for (const metric of model.metrics) add(metric.name, [metric.name, metric.label, ...(metric.synonyms ?? [])]);
  for (const entity of model.entities) {
    for (const measure of entity.measures) {
      // A measure that only names a column is linked as that column.
      const computed = !/^[\w."]+$/.test(measure.expression);
      if (computed) add(`${entity.name}.${measure.name}`, [measure.name, ...(measure.synonyms ?? [])]);
    }
  }
  return forms;
}

export function linkMetrics(tokens: readonly Token[], forms: readonly MetricForm[]): MetricLink[] {
  const links: MetricLink[] = [];
  for (const form of forms) {
    for (let i = 0; i + form.stems.length <= tokens.length; i += 1) {
      if (!form.stems.every((stem, k) => tokens[i + k]!.stem === stem && tokens[i + k]!.kind === 'word')) continue;
      const exact = form.words.every((word, k) => tokens[i + k]!.lower === word);
      links.push({
        kind: 'metric',
        metric: form.metric,
        match: exact ? 'exact' : 'stem',
        strength: exact ? 1 : 0.95,
        from: i,
        to: i + form.stems.length,
      });
    }
  }
  // Longer names win; of equal ones the first defined.
  links.sort((a, b) => b.to - b.from - (a.to - a.from) || b.strength - a.strength);
  const kept: MetricLink[] = [];
  for (const link of links) if (!kept.some((other) => other.from < link.to && link.from < other.to)) kept.push(link);
  return kept.sort((a, b) => a.from - b.from);
}
