/** An utterance read in the light of the query before it: which parts are its own, and which are kept. */
import type { LinkedQuestion } from '../link/types';
import type { Schema, SchemaTable } from '../schema/types';
import type { AggregateFunction, ColumnRef, Condition, Expression, QueryTree } from '../tree';
import { allOf, canonical, columnsIn, conjuncts, hasAggregate, sameNode, walkQuery } from '../tree-walk';

const PRONOUNS = new Set([
  'them',
  'those',
  'these',
  'their',
  'theirs',
  'its',
  'it',
  'they',
  'he',
  'she',
  'his',
  'her',
  'him',
  'ones',
  'one',
  'there',
  'this',
  'that',
  'such',
  'same',
  'result',
  'results',
  'list',
]);
const OPENERS =
  /^(and|also|but|only|just|now|then|what about|how about|of (those|these|them|all)|for (those|these|each)|out of|among|which (one|ones|of)|who (also|else)|in addition|in descending|in ascending|sort|order|arrange|rank|include|add|exclude|remove|instead|please (sort|also|only|include)|can you (sort|also|only|include|not|order))\b/;

/** Names every table that a tree reads in its outer query. */
export const tablesOfTree = (schema: Schema, tree: QueryTree): Set<SchemaTable> => {
  const tables = new Set<SchemaTable>();
  const add = (name: string | undefined): void => {
    const table = name === undefined ? undefined : schema.tableByName.get(name.toLowerCase());
    if (table) tables.add(table);
  };
  walkQuery(tree, {
    expression: (part) => {
      if (part.kind === 'column') add(part.table);
      if (part.kind === 'all') add(part.table);
      if (part.kind === 'aggregate') add(part.rows);
    },
    condition: (part) => part.kind === 'has' && add(part.of),
  });
  add(tree.root);
  for (const name of tree.through) add(name);
  return tables;
};

export const continues = (question: LinkedQuestion): boolean => {
  const lower = question.text.toLowerCase().trim();
  if (OPENERS.test(lower)) return true;
  const words = question.tokens.filter((token) => token.kind !== 'punctuation');
  const pronoun = words.some((token, index) => {
    if (!PRONOUNS.has(token.lower)) return false;
    const before = words[index - 1]?.lower ?? '';
    // "that" as a relative, "how many … are there", "there are" with a table named are no references.
    if (token.lower === 'that') return index === 0 || before === 'of' || before === 'for';
    if (token.lower === 'there') return words.length <= 4;
    if (token.lower === 'one') return before === 'which' || before === 'the' || before === 'only';
    if (token.lower === 'this' || token.lower === 'list' || token.lower === 'result' || token.lower === 'results')
      return index > 0 && before !== 'show';
    if (token.lower === 'same') return true;
    // "students and their ages": the owner is named in the same utterance.
    if (token.lower === 'their' || token.lower === 'its')
      return !question.tables.some((link) => link.strength > 0.8 && link.to <= token.index);
    return true;
  });
  if (pronoun) return true;
  const named =
    question.tables.some((link) => link.strength > 0.7) ||
    question.columns.some((link) => link.strength > 0.78 && link.match !== 'concept');
  return !named && words.length <= 7;
};

const refsOf = (condition: Condition): string =>
  columnsIn(condition)
    .map((column: ColumnRef) => `${column.table}.${column.column}`.toLowerCase())
    .sort()
    .join(' ');

/** New conditions replace old ones on the same columns, unless both are lower and upper bounds or exclusions. */
const mergeWhere = (last: Condition | undefined, fresh: Condition | undefined): Condition | undefined => {
  const news = conjuncts(fresh);
  const kept = conjuncts(last).filter((old) => {
    const refs = refsOf(old);
    return !news.some(
      (item) =>
        canonical(item) === canonical(old) ||
        (refs !== '' && refsOf(item) === refs && ((isEquality(item) && isEquality(old)) || excludes(item, old))),
    );
  });
  return allOf([...kept, ...news]);
};

/** No value lies on both sides: "after 2003" once "before 2003" was asked takes its place. */
const excludes = (a: Condition, b: Condition): boolean => {
  if (a.kind !== 'compare' || b.kind !== 'compare' || a.right.kind !== 'literal' || b.right.kind !== 'literal') return false;
  const side = (operator: string): number => (operator.startsWith('<') ? -1 : operator.startsWith('>') ? 1 : 0);
  const [left, right] = [side(a.operator), side(b.operator)];
  // A bound of the same side replaces the one before it.
  if (left !== 0 && left === right) return true;
  if (left === 0 || right === 0) return false;
  const [low, high] = left > 0 ? [a.right.value, b.right.value] : [b.right.value, a.right.value];
  return Number(low) >= Number(high);
};

const isEquality = (condition: Condition): boolean =>
  (condition.kind === 'compare' && condition.operator === '=') ||
  condition.kind === 'in' ||
  condition.kind === 'or' ||
  condition.kind === 'like';

/** Is what the fresh reading shows said in the utterance? */
export const showsExplicitly = (question: LinkedQuestion, tree: QueryTree): boolean => {
  const mentioned = (expression: Expression): boolean =>
    columnsIn(expression).some((column) =>
      question.columns.some(
        (link) =>
          link.strength > 0.5 &&
          link.column.name.toLowerCase() === column.column.toLowerCase() &&
          link.column.table.name.toLowerCase() === column.table.toLowerCase(),
      ),
    );
  return tree.show.some((item) => {
    if (item.expression.kind === 'all') return question.cues.some((cue) => cue.cue === 'star');
    if (hasAggregate(item.expression))
      return question.cues.some(
        (cue) => cue.cue === 'count' || cue.cue === 'aggregate' || cue.cue === 'distinctCount' || cue.cue === 'superlative',
      );
    return mentioned(item.expression);
  });
};

const SORTS =
  /^(can you |could you |please |now |then |and |also )*(sort|order|rank|arrange|list (them|these|those|it) in|put (them|these|those) in|in (ascending|descending|alphabetical))\b/;
const ADDS = /\b(also|include|including|as well|too|add|corresponding|along with|in addition|additionally)\b/;

const isQuantity = (schema: Schema, { table, column }: ColumnRef): boolean => {
  const known = schema.tableByName.get(table.toLowerCase())?.columns.find((item) => item.name === column);
  return known !== undefined && known.isNumeric && !known.isId && !known.isKey;
};

/** "which of them …?" narrows what was listed. */
const narrows = (question: LinkedQuestion, last: QueryTree): boolean =>
  !last.show.some((item) => hasAggregate(item.expression)) &&
  /^(which|who) (ones? )?of (them|those|these)\b|^of (them|those|these)( \w+)?,? (which|who)\b|^which ones?\b/.test(
    question.text.toLowerCase().trim(),
  );

/** "the names of the youngest" after "how many?": one number can not be sorted. */
const leavesNumber = (last: QueryTree, fresh: QueryTree): boolean =>
  !last.per?.length &&
  last.show.every((item) => hasAggregate(item.expression)) &&
  fresh.sort.length > 0 &&
  !fresh.show.some((item) => hasAggregate(item.expression));

/** "how about the minimum and maximum?": functions without a column are meant of the column that was measured. */
const otherFunctions = (question: LinkedQuestion, last: QueryTree): QueryTree['show'] | undefined => {
  const named =
    question.columns.some((link) => link.strength > 0.6 && link.match !== 'concept') || question.tables.some((link) => link.strength > 0.7);
  if (named) return undefined;
  const fns = [...new Set(question.cues.filter((cue) => cue.cue === 'aggregate').map((cue) => cue.detail as AggregateFunction))];
  const measured = last.show.map((item) => item.expression).find((item) => item.kind === 'aggregate' && item.of !== undefined);
  const of =
    measured?.kind === 'aggregate'
      ? measured.of
      : last.show.length === 1 && last.show[0]!.expression.kind === 'column'
        ? last.show[0]!.expression
        : undefined;
  if (fns.length === 0 || !of) return undefined;
  // "how much …?" after a list of names: names and keys are not added up.
  if (fns.some((fn) => fn === 'sum' || fn === 'avg') && of.kind === 'column' && !isQuantity(question.schema, of)) return undefined;
  const plain = last.show.filter((item) => !hasAggregate(item.expression) && measured);
  return [...plain, ...fns.map((fn) => ({ expression: { kind: 'aggregate' as const, fn, of } }))];
};

/** What is shown when the utterance names something to show: it alone, beside what was shown, or for each of it. */
const shownOf = (question: LinkedQuestion, last: QueryTree, fresh: QueryTree): QueryTree['show'] => {
  const lower = question.text.toLowerCase();
  const plain = last.show.filter((item) => item.expression.kind === 'column');
  const aggregates = fresh.show.filter((item) => hasAggregate(item.expression));
  const shown = fresh.show[0]?.expression;
  const onlyCount = fresh.show.length === 1 && shown?.kind === 'aggregate' && shown.fn === 'count';
  const tableNamed = question.tables.some((link) => link.strength > 0.7) || question.columns.some((link) => link.strength > 0.8);
  // "how many are there?" after a list of kinds: the kinds are counted, not their rows.
  const [only] = plain;
  if (onlyCount && !tableNamed && plain.length === 1 && last.show.length === 1 && only!.expression.kind === 'column') {
    const table = question.schema.tableByName.get(only!.expression.table.toLowerCase());
    const column = table?.columns.find((item) => item.name === (only!.expression as ColumnRef).column);
    if (last.distinct || (column && !column.isUnique && !column.isName))
      return [{ expression: { kind: 'aggregate', fn: 'count', of: only!.expression, distinct: true } }];
  }
  const each =
    question.cues.some((cue) => cue.cue === 'each' || cue.cue === 'perGroup') &&
    /\b(them|those|these|it|of the|each one|corresponding|their)\b/.test(lower);
  if (each && aggregates.length > 0 && plain.length > 0) return [...plain, ...aggregates];
  if (
    ADDS.test(lower) &&
    plain.length > 0 &&
    fresh.show.every((item) => item.expression.kind === 'column' || hasAggregate(item.expression))
  ) {
    const added = fresh.show.filter((item) => !plain.some((known) => sameNode(known.expression, item.expression)));
    return [...plain, ...added];
  }
  return fresh.show;
};

/** The last query as the utterance changes it: who goes on asking asks for something else, so that what leaves it as it was shows its own. */
export const mergeTrees = (question: LinkedQuestion, last: QueryTree, fresh: QueryTree): QueryTree => {
  const tree = merge(question, last, fresh);
  return repeats(tree, last) ? merge(question, last, fresh, true) : tree;
};

export const repeats = (tree: QueryTree, last: QueryTree): boolean => canonical(tree) === canonical(last);

const merge = (question: LinkedQuestion, last: QueryTree, fresh: QueryTree, showsOwn = false): QueryTree => {
  const { schema } = question;
  const lower = question.text.toLowerCase();
  const sortsOnly = SORTS.test(lower);
  const others = sortsOnly ? undefined : otherFunctions(question, last);
  const explicit =
    others !== undefined ||
    leavesNumber(last, fresh) ||
    (!sortsOnly && (showsOwn || (!narrows(question, last) && showsExplicitly(question, fresh))));
  const show = others ?? (explicit ? shownOf(question, last, fresh) : last.show);
  const aggregated = show.some((item) => hasAggregate(item.expression));
  const onlyAggregates = show.length > 0 && show.every((item) => hasAggregate(item.expression));
  const merged: QueryTree = { show, sort: [], distinct: false, through: [], fanOut: last.fanOut };
  const freshGroups = (fresh.per ?? []).length > 0 || fresh.having !== undefined || (explicit && aggregated && !onlyAggregates);
  const where = mergeWhere(last.where, fresh.where);
  if (where) merged.where = where;
  if (freshGroups) {
    if (fresh.per) merged.per = fresh.per;
    if (fresh.having) merged.having = fresh.having;
  } else if (!onlyAggregates || !explicit) {
    if (last.per && (last.having || last.sort.some((item) => hasAggregate(item.expression)) || !explicit)) merged.per = last.per;
    if (last.having) merged.having = last.having;
  }
  if (fresh.sort.length > 0) {
    merged.sort = fresh.sort;
    if (fresh.limit !== undefined) merged.limit = fresh.limit;
  } else if (!(explicit && aggregated)) {
    const grouped =
      last.sort.some((item) => hasAggregate(item.expression)) && !merged.per && !show.some((item) => hasAggregate(item.expression));
    merged.sort = last.sort;
    if (last.limit !== undefined) merged.limit = last.limit;
    // The rows of a group are named by the key that the last query showed.
    if (grouped) merged.per = last.show.filter((item) => !hasAggregate(item.expression)).map((item) => item.expression);
  }
  merged.distinct = explicit ? fresh.distinct : last.distinct;
  const used = tablesOfTree(schema, merged);
  const wanted = new Set([...tablesOfTree(schema, last), ...(fresh.where ? tablesOfTree(schema, { ...fresh, show: [], sort: [] }) : [])]);
  // The rows stay those of the last query: its joins are kept, unless they only served what is no longer shown.
  const dropped = explicit && !last.where && last.through.length === 0 && last.sort.length === 0 && !last.having;
  for (const table of wanted) if (!used.has(table) && !(dropped && tablesOfTree(schema, last).has(table))) merged.through.push(table.name);
  for (const name of fresh.through) if (!merged.through.includes(name) && explicit) merged.through.push(name);
  const root = last.root ?? fresh.root;
  if (onlyAggregates && root && !used.size) merged.root = root;
  else if (onlyAggregates && used.size === 0) {
    const main = [...tablesOfTree(schema, last)][0];
    if (main) merged.root = main.name;
  } else if (show.some((item) => item.expression.kind === 'all') && last.root) merged.root = last.root;
  merged.through = merged.through.filter((name) => name !== merged.root);
  if (fresh.set) merged.set = fresh.set;
  else if (last.set && !aggregated) merged.set = { ...last.set, right: { ...last.set.right, show } };
  return merged;
};

/** How well a fresh reading goes on from the last query: its tables are the same ones, unless the utterance names others. */
export const continuity = (question: LinkedQuestion, last: QueryTree, fresh: QueryTree): number => {
  const before = tablesOfTree(question.schema, last);
  let score = 0;
  for (const table of tablesOfTree(question.schema, fresh)) {
    const named = question.tables.some((link) => link.table === table && link.strength > 0.7);
    score += before.has(table) ? 0.8 : named ? 0 : -1.6;
  }
  return Math.max(-4, Math.min(1.6, score));
};

const flipped = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' } as const;

const flipCondition = (condition: Condition): Condition => {
  if (condition.kind === 'and') return { ...condition, conditions: condition.conditions.map(flipCondition) };
  if (condition.kind === 'compare' && condition.operator in flipped)
    return { ...condition, operator: flipped[condition.operator as keyof typeof flipped] };
  return condition;
};

/** "how about after?", "what about the smallest?": the last query the other way round; undefined where the utterance says more than that. */
export const turnAround = (question: LinkedQuestion, last: QueryTree): QueryTree | undefined => {
  const lower = question.text
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .trim();
  if (
    /^(and )?(how|what) about (those |the ones )?(more|less|fewer|after|before|above|below|older|younger|higher|lower)( than)?$/.test(
      lower,
    ) &&
    last.where
  ) {
    const where = flipCondition(last.where);
    return canonical(where) === canonical(last.where) ? undefined : { ...last, where };
  }
  const wants =
    /^(and )?(how|what) about (the )?(smallest|lowest|least|minimum|youngest|shortest|fewest|earliest|largest|highest|most|maximum|oldest|longest|latest)( one| ones)?$/.exec(
      lower,
    )?.[4];
  if (!wants) return undefined;
  const down = /^(smallest|lowest|least|minimum|youngest|shortest|fewest|earliest)$/.test(wants);
  const [only] = last.show;
  if (last.show.length === 1 && only!.expression.kind === 'aggregate' && (only!.expression.fn === 'min' || only!.expression.fn === 'max')) {
    return { ...last, show: [{ ...only!, expression: { ...only!.expression, fn: down ? 'min' : 'max' } }] };
  }
  const [first] = last.sort;
  return first && last.limit !== undefined ? { ...last, sort: [{ ...first, direction: down ? 'asc' : 'desc' }] } : undefined;
};

export const isSameReading = (a: QueryTree, b: QueryTree): boolean => sameNode(a, b);
