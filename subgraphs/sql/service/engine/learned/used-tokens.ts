/** The tokens that a reading accounts for: mentions of what it uses, its values and numbers, and the cues of its clauses. */
import type { BeamInput, Draft } from './beam-types';

const cuesOf = (draft: Draft): Set<string> => {
  const cues = new Set<string>(['with', 'by', 'top']);
  const { clauses, show, where, nesting } = draft;
  if (show.entries.some((entry) => entry.kind === 'count' || entry.distinct) || clauses.sort?.fn === 'count' || clauses.having)
    cues.add('count').add('distinctCount');
  if (show.entries.some((entry) => entry.kind === 'aggregate') || clauses.sort?.fn || clauses.having) cues.add('aggregate');
  if (show.entries.some((entry) => entry.fn === 'max' || entry.fn === 'min') || clauses.sort)
    cues.add('superlative').add('frequent').add('rare').add('sort').add('direction');
  if (clauses.group) cues.add('each').add('perGroup');
  if (draft.distinct || show.entries.some((entry) => entry.distinct)) cues.add('distinct');
  if (where.atoms.some((atom) => atom.negated) || nesting) cues.add('negation').add('never');
  if (where.or) cues.add('or');
  if (nesting?.kind === 'set') cues.add('both').add('or');
  if (where.atoms.some((atom) => atom.kind === 'like')) cues.add('like');
  if (where.atoms.some((atom) => atom.kind === 'null')) cues.add('null').add('notNull');
  if (where.atoms.some((atom) => atom.kind === 'compare')) cues.add('average').add('aggregate');
  if (show.entries.some((entry) => entry.kind === 'all')) cues.add('star');
  return cues;
};

export const usedTokens = (input: BeamInput, draft: Draft): Set<number> => {
  const { question, mentions } = input;
  const used = new Set<number>();
  const mark = (span: { from: number; to: number } | undefined): void => {
    for (let at = span?.from ?? 0; at < (span?.to ?? 0); at += 1) used.add(at);
  };
  const columns = [
    ...draft.show.entries.map((entry) => entry.column),
    ...draft.where.atoms.map((atom) => atom.column),
    draft.clauses.group,
    draft.clauses.having?.column,
    draft.clauses.sort?.column,
  ];
  const tables = new Set([
    ...draft.through,
    ...(draft.root ? [draft.root] : []),
    ...(draft.nesting?.kind === 'never' ? [draft.nesting.table] : []),
  ]);
  for (const column of columns) {
    if (!column) continue;
    tables.add(column.table);
    for (const link of mentions.columns[column.id]!) if (link.strength > 0.3) mark(link);
  }
  for (const table of tables) for (const link of mentions.tables[table.id]!) if (link.strength > 0.3) mark(link);
  for (const atom of draft.where.atoms) mark(atom);
  for (const number of question.numbers)
    if (draft.clauses.usedNumbers.includes(number.from) || draft.where.atoms.some((atom) => atom.from < number.to && number.from < atom.to))
      mark(number);
  const cues = cuesOf(draft);
  for (const cue of question.cues) if (cues.has(cue.cue)) mark(cue);
  return used;
};
