import type { Definition, SourceDescription } from '../ports';

import { replyTo, withoutOpening } from './small-talk';
import type { Agent, EmittedEvent } from './types';

const mostTables = 12;
const mostColumns = 12;
const leastScore = 0.2;

/** Answers what can be asked, which data there is, and what the tenant's documents say. */
export const docsAgent: Agent = async ({ request, route, sourceId }, { analyst, caller, knowledge, signal, emit }) => {
  await emit([['status', { state: 'executing' }]]);
  const text = request.kind === 'chart' ? '' : withoutOpening(request.text);
  if (route!.smallTalk) {
    const suggestions = await analyst.suggest(caller, { sourceId, limit: 3, signal });
    return { next: 'done', answer: { response: replyTo(route!.smallTalk), suggestions, confidence: 1 } };
  }
  const [sources, suggestions, hits] = await Promise.all([
    analyst.describe(caller, { sourceId, signal }),
    analyst.suggest(caller, { sourceId, limit: 5, signal }),
    knowledge?.search(caller, { query: text, limit: 3, signal }) ?? [],
  ]);
  const citations = hits.filter(({ score }) => score >= leastScore).map(({ score: _score, ...citation }) => citation);
  const defined = route!.intent === 'help' ? definitionIn(sources, text) : null;
  const parts = [
    ...(defined ? [definitionText(defined)] : []),
    ...citations.map(({ title, section, excerpt }) => `${section ? `${title} › ${section}` : title}: ${excerpt}`),
    ...(defined ? [] : [route!.intent === 'schema' ? describeSources(sources, text) : helpText(sources)]),
  ];
  return {
    next: 'done',
    answer: { response: parts.join('\n\n'), suggestions, citations, confidence: 1 },
    events: citations.map(({ documentId, ...citation }): EmittedEvent => ['citation', { ...citation, document_id: documentId }]),
  };
};

/** A question for the meaning of a word, and the word. */
const asked =
  /^(?:what does (.+?) mean|what is meant by (.+?)|define (.+?)|(?:what is the )?definition of (.+?)|how (?:is|are) (.+?) (?:defined|calculated|computed|measured)|how do you (?:define|calculate|compute|measure) (.+?))\s*[?.!]*$/i;

/** The metric or measure whose meaning is asked for; null where the model has none of that name. */
function definitionIn(sources: readonly SourceDescription[], text: string): Definition | null {
  const words = asked
    .exec(text.trim())
    ?.slice(1)
    .find((found) => found !== undefined)
    ?.toLowerCase()
    .replace(/^(?:the|our|a|an)\s+/, '')
    .replace(/["'“”‘’]/g, '');
  if (!words) return null;
  const named = ({ name, synonyms }: Definition): boolean => [name, ...synonyms].some((form) => form.toLowerCase() === words);
  return sources.flatMap(({ definitions = [] }) => definitions).find(named) ?? null;
}

function definitionText({ name, description, expression, filters, unit }: Definition): string {
  const told = description ? `${name}: ${description.replace(/\.$/, '')}.` : `${name}:`;
  const counted = filters.length > 0 ? `, counting rows where ${filters.join(' and ')}` : '';
  return `${told} ${description ? 'It' : 'it'} is calculated as ${expression}${counted}${unit ? `, in ${unit}` : ''}.`;
}

function helpText(sources: readonly SourceDescription[]): string {
  if (sources.length === 0) return 'Ask about your data in plain words. No data source is connected yet: add one first.';
  const names = sources.map(({ name, tables }) => `${name} (${tables.length} table${tables.length === 1 ? '' : 's'})`).join(', ');
  return `Ask about your data in plain words, then refine (“only Europe”, “by month instead”), change the chart (“as a pie chart”) or ask why something changed. Connected: ${names}.`;
}

/** The tables that the question names, else all of them. */
function describeSources(sources: readonly SourceDescription[], text: string): string {
  const words = text.toLowerCase();
  const all = sources.flatMap((source) => source.tables.map((table) => ({ source: source.name, table })));
  const named = all.filter(
    ({ table }) => words.includes(table.name.toLowerCase()) || words.includes(table.name.toLowerCase().replaceAll('_', ' ')),
  );
  const chosen = (named.length > 0 ? named : all).slice(0, mostTables);
  if (chosen.length === 0) return 'No data source is connected yet.';
  return chosen
    .map(({ source, table }) => {
      const columns = table.columns.slice(0, mostColumns).map(({ name, type }) => `${name} (${type})`);
      const more = table.columns.length > mostColumns ? ` and ${table.columns.length - mostColumns} more` : '';
      return `${source}.${table.name}${table.description ? ` (${table.description.replace(/\.$/, '')})` : ''}: ${columns.join(', ')}${more}`;
    })
    .join('\n');
}
