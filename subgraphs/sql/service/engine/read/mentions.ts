/** The question cut into mentions: each span with everything that it may be. One word belongs to one mention. */
import type { ColumnLink, GrainLink, LinkedQuestion, MetricLink, NumberLink, TableLink, TimeLink, ValueLink } from '../link/types';

export interface Mention {
  from: number;
  to: number;
  metric?: MetricLink;
  tables: TableLink[];
  columns: ColumnLink[];
  values: ValueLink[];
  time?: TimeLink;
  grain?: GrainLink;
  number?: NumberLink;
}

const LEAST_STRENGTH = 0.5;

interface Scored {
  from: number;
  to: number;
  points: number;
}

export function cutMentions(question: LinkedQuestion): Mention[] {
  const spans: Scored[] = [];
  // Words that belong together count more, where they are the name's own words.
  const add = (link: { from: number; to: number; match?: string }, points: number) => {
    const loose = link.match === 'synonym' || link.match === 'hypernym' || link.match === 'partial';
    spans.push({ from: link.from, to: link.to, points: loose ? points + 0.9 : points + 1.2 * (link.to - link.from) });
  };
  for (const link of question.times) add(link, 2);
  for (const link of question.grains) add(link, 1.6);
  for (const link of question.metrics) add(link, 1.1 * link.strength);
  for (const link of question.tables) if (link.strength >= LEAST_STRENGTH) add(link, link.strength);
  for (const link of question.columns) if (link.strength >= LEAST_STRENGTH && link.match !== 'concept') add(link, link.strength - 0.02);
  for (const link of question.values)
    if (link.strength >= LEAST_STRENGTH || link.quoted || link.match === 'unknown' || link.match === 'typo')
      add(link, link.match === 'unknown' || link.match === 'typo' ? link.strength - 0.6 : link.strength + 0.05);
  for (const link of question.numbers) add(link, 0.9);
  spans.sort((a, b) => b.points - a.points || a.from - b.from);
  const taken = new Uint8Array(question.tokens.length);
  const mentions: Mention[] = [];
  for (const span of spans) {
    let free = true;
    for (let i = span.from; i < span.to; i += 1) if (taken[i]) free = false;
    if (!free) continue;
    taken.fill(1, span.from, span.to);
    mentions.push(describe(question, span));
  }
  return mentions.sort((a, b) => a.from - b.from);
}

function describe(question: LinkedQuestion, { from, to }: Scored): Mention {
  const here = <Link extends { from: number; to: number }>(links: readonly Link[]): Link[] =>
    links.filter((link) => link.from === from && link.to === to);
  const [metric] = here(question.metrics);
  const [time] = here(question.times);
  const [grain] = here(question.grains);
  const [number] = here(question.numbers);
  const strongest = <Link extends { strength: number }>(links: Link[]): Link[] =>
    links.filter((link) => link.strength >= LEAST_STRENGTH - 0.2).sort((a, b) => b.strength - a.strength);
  return {
    from,
    to,
    tables: strongest(here(question.tables)),
    columns: strongest(here(question.columns).filter((link) => link.match !== 'concept')),
    values: here(question.values).sort((a, b) => b.strength - a.strength),
    ...(metric ? { metric } : {}),
    ...(time ? { time } : {}),
    ...(grain ? { grain } : {}),
    ...(number && !time ? { number } : {}),
  };
}
