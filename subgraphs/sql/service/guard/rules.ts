import type { Dialect } from '../engine/catalog';
import type { Analysis, Problem } from './analyze';
import { allowedFunctions, allowedTableFunctions } from './functions';
import type { Call, Expression, Query } from './ir';
import { fromItems, partsOf, queriesOf } from './walk';

export const maxSqlCharacters = 50_000;
const maxQueries = 100;
const maxRelations = 100;
const maxSeries = 1_000_000;
const maxText = 100_000;

/** What may not run although it is one SELECT: functions off the list, endless series, too much nesting. */
export function securityProblems(query: Query, analysis: Analysis, dialect: Dialect): Problem[] {
  const problems: Problem[] = [];
  const refuse = (message: string, at?: number): void => void problems.push({ type: 'security_violation', message, at });
  const allowed = allowedFunctions[dialect];
  for (const call of analysis.calls) {
    const schema = call.schema?.toLowerCase();
    const schemas = dialect === 'postgresql' ? ['pg_catalog'] : ['main'];
    if (schema !== undefined && !schemas.includes(schema)) refuse(`the function ${schema}.${call.name} is not allowed`, call.at);
    else if (!allowed.has(call.name)) refuse(`the function ${call.name} is not allowed`, call.at);
    else refuseHuge(call, refuse);
  }
  for (const call of analysis.tableFunctions) {
    if (!allowedTableFunctions[dialect]?.has(call.name)) refuse(`${call.name} is not allowed in FROM`, call.at);
    else refuseHuge(call, refuse);
  }
  if (query.recursive || [...queriesOf(query)].some(({ recursive }) => recursive)) refuse('recursive queries are not allowed');
  return problems;
}

/** Too many parts to be looked at: said before anything that costs more than counting them. */
export function sizeProblem(query: Query): Problem | undefined {
  let queries = 0;
  let relations = 0;
  for (const { body } of queriesOf(query)) {
    if ((queries += 1) > maxQueries) return { type: 'security_violation', message: `more than ${maxQueries} subqueries are not allowed` };
    if (body.kind !== 'select') continue;
    for (const item of fromItems(body.from)) {
      if (item.kind !== 'join' && (relations += 1) > maxRelations)
        return { type: 'security_violation', message: `more than ${maxRelations} tables are not allowed` };
    }
  }
  return undefined;
}

const literal = (expression: Expression | undefined): number | undefined => {
  if (expression?.kind === 'constant' && typeof expression.value === 'number') return expression.value;
  if (expression?.kind === 'cast') return literal(expression.argument);
  const [only] =
    expression?.kind === 'operator' && expression.name === '-' && expression.arguments.length === 1 ? expression.arguments : [];
  const inner = literal(only);
  return inner === undefined ? undefined : -inner;
};

/** Bombs that one call can be: a series or a text of any length is made before anything can stop it. */
function refuseHuge(call: Call, refuse: (message: string, at?: number) => void): void {
  const [first, second] = call.arguments;
  if (['range', 'generate_series', 'sequence', 'generate_array', 'generate_date_array'].includes(call.name)) {
    if (call.arguments.some(isTemporal)) {
      if (isTinyStep(call.arguments[2])) refuse(`the step of ${call.name} must be at least a minute`, call.at);
      return;
    }
    const bounds = call.arguments.map(literal);
    const [low, high] = bounds.length === 1 ? [0, bounds[0]] : bounds;
    const step = Math.abs(bounds[2] ?? 1);
    const countable = low !== undefined && high !== undefined && step > 0;
    if (!countable || Math.abs(high - low) / step > maxSeries)
      refuse(`${call.name} needs literal bounds at most ${maxSeries.toLocaleString('en')} apart`, call.at);
  }
  if (['repeat', 'lpad', 'rpad', 'leftpad', 'rightpad', 'space', 'bar', 'list_resize'].includes(call.name)) {
    const length = literal(call.name === 'space' ? first : second);
    if (length === undefined || length > maxText || (call.name === 'repeat' && containsCall(first))) {
      refuse(`${call.name} needs a literal length of at most ${maxText.toLocaleString('en')}`, call.at);
    }
  }
  if (['printf', 'format'].includes(call.name)) {
    const pattern = first?.kind === 'constant' && typeof first.value === 'string' ? first.value : undefined;
    // A width may be an argument (`*`) or a number of any size.
    if (pattern === undefined || /%[^a-z%]*(\*|\d{4,})/i.test(pattern) || /\{[^}]*\d{4,}/.test(pattern))
      refuse(`${call.name} needs a literal pattern without long widths`, call.at);
  }
  if (
    ['levenshtein', 'damerau_levenshtein', 'editdist3', 'jaccard', 'hamming', 'mismatches', 'levenshtein_distance'].includes(call.name) &&
    call.arguments.some(containsCall)
  ) {
    refuse(`${call.name} takes columns and literals only`, call.at);
  }
}

/** Certainly a date, time or interval: what only may be one could be a number of any size. */
const isTemporal = (expression: Expression): boolean =>
  (expression.kind === 'cast' && /^(date|timestamp|interval)/i.test(expression.type)) ||
  expression.kind === 'interval' ||
  (expression.kind === 'call' &&
    /^(to_(years|quarters|months|weeks|days|hours|minutes)|date_trunc|datetrunc|now|today|make_date)$/.test(expression.name)) ||
  (expression.kind === 'operator' && expression.arguments.some(isTemporal)) ||
  (expression.kind === 'column' && expression.path.length === 1 && /^current_(date|timestamp)$/i.test(expression.path[0]!));

const isTinyStep = (step: Expression | undefined): boolean => {
  if (!step) return false;
  if (step.kind === 'interval') return /sec/i.test(step.unit);
  if (step.kind === 'call') return /seconds$/.test(step.name);
  if (step.kind === 'cast' && step.argument.kind === 'constant') return /sec|\d:\d/i.test(String(step.argument.value));
  return step.kind === 'operator';
};

const containsCall = (expression: Expression | undefined): boolean =>
  expression !== undefined && (expression.kind === 'call' || partsOf(expression).some(containsCall));
