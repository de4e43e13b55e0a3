import {
  UnreadableSql,
  type Call,
  type CommonTable,
  type Expression,
  type Frame,
  type FrameBound,
  type FromItem,
  type Join,
  type Order,
  type Query,
  type Select,
  type SetOperation,
  type Window,
} from './ir';
import { asNode, asNodes, asText, only, type SyntaxNode } from './syntax-node';

const unsupported = (what: string): never => {
  throw new UnreadableSql(`${what} is not supported`, 'security_violation');
};

/** PostgreSQL's tree wraps each node in an object whose only key is the node's type. */
function unwrap(value: unknown): readonly [string, SyntaxNode] {
  const [entry, ...rest] = Object.entries(asNode(value));
  if (!entry || rest.length > 0) return unsupported('this form');
  return [entry[0], asNode(entry[1])];
}

const textOf = (value: unknown): string => asText(asNode(asNode(value).String ?? {}).sval);
const names = (value: unknown): string[] => asNodes(value).map(textOf);
const list = (value: unknown): Expression[] => asNodes(value).map(expression);
const optional = (value: unknown): Expression | undefined => (value === undefined ? undefined : expression(asNode(value)));
const at = (node: SyntaxNode): number | undefined => (typeof node.location === 'number' && node.location >= 0 ? node.location : undefined);

interface Windows {
  readonly [name: string]: SyntaxNode;
}
let windows: Windows = {};

/** Reads the body of a SelectStmt. */
export function readPostgresQuery(node: SyntaxNode): Query {
  only(
    node,
    'distinctClause targetList fromClause whereClause groupClause havingClause windowClause valuesLists sortClause limitOffset limitCount limitOption withClause op all larg rarg',
    'SELECT',
  );
  if (node.limitOption !== undefined && node.limitOption !== 'LIMIT_OPTION_DEFAULT' && node.limitOption !== 'LIMIT_OPTION_COUNT')
    unsupported('FETCH WITH TIES');
  const outerWindows = windows;
  windows = Object.fromEntries(
    asNodes(node.windowClause)
      .map((wrapped) => unwrap(wrapped)[1])
      .map((definition) => [asText(definition.name), definition]),
  );
  try {
    return {
      with: node.withClause === undefined ? [] : commonTables(asNode(node.withClause)),
      recursive: node.withClause !== undefined && asNode(node.withClause).recursive === true,
      body: node.op === undefined || node.op === 'SETOP_NONE' ? select(node) : setOperation(node),
      order: orders(node.sortClause),
      limit: optional(node.limitCount),
      offset: optional(node.limitOffset),
    };
  } finally {
    windows = outerWindows;
  }
}

function commonTables(node: SyntaxNode): CommonTable[] {
  only(node, 'ctes recursive location', 'WITH');
  return asNodes(node.ctes).map((wrapped) => {
    const [, table] = unwrap(wrapped);
    only(table, 'ctename aliascolnames ctematerialized ctequery location', 'WITH');
    return { name: asText(table.ctename), columns: names(table.aliascolnames), query: statement(table.ctequery) };
  });
}

function statement(value: unknown): Query {
  const [tag, node] = unwrap(value);
  if (tag !== 'SelectStmt') throw new UnreadableSql('it is not a SELECT', 'security_violation');
  return readPostgresQuery(node);
}

function setOperation(node: SyntaxNode): SetOperation {
  const operators: Record<string, SetOperation['operator']> = {
    SETOP_UNION: 'union',
    SETOP_INTERSECT: 'intersect',
    SETOP_EXCEPT: 'except',
  };
  const operator = operators[asText(node.op)] ?? unsupported('this set operation');
  return {
    kind: 'set',
    operator,
    all: node.all === true,
    left: readPostgresQuery(asNode(node.larg)),
    right: readPostgresQuery(asNode(node.rarg)),
  };
}

function select(node: SyntaxNode): Select {
  const from = asNodes(node.fromClause).map(fromItem);
  const values = Array.isArray(node.valuesLists) ? node.valuesLists : [];
  if (values.length > 0) {
    const rows = values.map((row) => list(asNode(asNode(row).List).items));
    return {
      kind: 'select',
      distinct: false,
      distinctOn: [],
      items: [{ expression: { kind: 'star' } }],
      from: { kind: 'values', rows, columns: [] },
      group: [],
    };
  }
  if (asNodes(node.targetList).length === 0) throw new UnreadableSql('SELECT shows nothing: name a column', 'syntax_error');
  // DISTINCT without ON is a list with one empty node.
  const distinctNodes = Array.isArray(node.distinctClause)
    ? node.distinctClause.filter((entry) => Object.keys(asNode(entry)).length > 0)
    : [];
  const groups = asNodes(node.groupClause);
  return {
    kind: 'select',
    distinct: node.distinctClause !== undefined,
    distinctOn: distinctNodes.map((entry) => expression(asNode(entry))),
    items: asNodes(node.targetList).map((wrapped) => {
      const [, target] = unwrap(wrapped);
      only(target, 'name val location', 'a column of the result');
      return { expression: expression(asNode(target.val)), alias: asText(target.name) || undefined };
    }),
    from:
      from.length === 0
        ? undefined
        : from.reduce((left, right) => ({ kind: 'join', type: 'cross', left, right, using: [], natural: false })),
    where: optional(node.whereClause),
    group: groups.flatMap(groupItem),
    groupKind: groups.some((group) => 'GroupingSet' in group) ? 'sets' : undefined,
    having: optional(node.havingClause),
  };
}

function groupItem(node: SyntaxNode): Expression[] {
  if (!('GroupingSet' in node)) return [expression(node)];
  const set = asNode(node.GroupingSet);
  only(set, 'kind content location', 'GROUPING SETS');
  return asNodes(set.content).flatMap((inner) => ('List' in inner ? list(asNode(inner.List).items) : groupItem(inner)));
}

const aliasOf = (value: unknown): { alias?: string; columns: string[] } => {
  if (value === undefined) return { columns: [] };
  const alias = asNode(value);
  return { alias: asText(alias.aliasname) || undefined, columns: names(alias.colnames) };
};

function fromItem(value: SyntaxNode): FromItem {
  const [tag, node] = unwrap(value);
  switch (tag) {
    case 'RangeVar':
      only(node, 'catalogname schemaname relname inh relpersistence alias location', 'a table');
      return {
        kind: 'table',
        catalog: asText(node.catalogname) || undefined,
        schema: asText(node.schemaname) || undefined,
        name: asText(node.relname),
        ...aliasOf(node.alias),
        at: at(node),
      };
    case 'RangeSubselect':
      only(node, 'lateral subquery alias', 'a subquery');
      return { kind: 'subquery', query: statement(node.subquery), lateral: node.lateral === true, ...aliasOf(node.alias) };
    case 'RangeFunction': {
      only(node, 'lateral ordinality functions alias', 'a function in FROM');
      const functions = Array.isArray(node.functions) ? node.functions : [];
      if (functions.length !== 1) return unsupported('ROWS FROM');
      const items = asNode(asNode(functions[0]).List).items as unknown[];
      const call = expression(asNode(items[0]));
      return call.kind === 'call' ? { kind: 'function', call, ...aliasOf(node.alias) } : unsupported('this in FROM');
    }
    case 'JoinExpr':
      return join(node);
    default:
      return unsupported(`${tag} in FROM`);
  }
}

function join(node: SyntaxNode): Join {
  only(node, 'jointype isNatural larg rarg usingClause quals rtindex', 'a join');
  const types: Record<string, Join['type']> = { JOIN_INNER: 'inner', JOIN_LEFT: 'left', JOIN_RIGHT: 'right', JOIN_FULL: 'full' };
  const type = types[asText(node.jointype)] ?? unsupported('this join');
  const using = names(node.usingClause);
  const natural = node.isNatural === true;
  const on = optional(node.quals);
  // CROSS JOIN is an inner join without a condition: the grammar allows no other way to write that.
  const crossed = type === 'inner' && !on && using.length === 0 && !natural;
  return {
    kind: 'join',
    type: crossed ? 'cross' : type,
    left: fromItem(asNode(node.larg)),
    right: fromItem(asNode(node.rarg)),
    on,
    using,
    natural,
  };
}

function orders(value: unknown): Order[] {
  return asNodes(value).map((wrapped) => {
    const [, sort] = unwrap(wrapped);
    only(sort, 'node sortby_dir sortby_nulls location', 'ORDER BY');
    if (sort.sortby_dir === 'SORTBY_USING') unsupported('ORDER BY USING');
    const nulls = sort.sortby_nulls === 'SORTBY_NULLS_FIRST' ? 'first' : sort.sortby_nulls === 'SORTBY_NULLS_LAST' ? 'last' : undefined;
    return { expression: expression(asNode(sort.node)), descending: sort.sortby_dir === 'SORTBY_DESC', nulls };
  });
}

function expression(value: SyntaxNode): Expression {
  const [tag, node] = unwrap(value);
  switch (tag) {
    case 'ColumnRef':
      return columnRef(node);
    case 'A_Const':
      return constant(node);
    case 'ParamRef':
      return { kind: 'parameter', name: String(node.number) };
    case 'FuncCall':
      return call(node);
    case 'A_Expr':
      return operation(node);
    case 'BoolExpr': {
      const operators: Record<string, string> = { AND_EXPR: 'and', OR_EXPR: 'or', NOT_EXPR: 'not' };
      return {
        kind: 'operator',
        name: operators[asText(node.boolop)] ?? unsupported('this condition'),
        arguments: list(node.args),
        at: at(node),
      };
    }
    case 'NullTest':
      return {
        kind: 'operator',
        name: node.nulltesttype === 'IS_NOT_NULL' ? 'is not null' : 'is null',
        arguments: [expression(asNode(node.arg))],
        at: at(node),
      };
    case 'BooleanTest':
      return {
        kind: 'operator',
        name: asText(node.booltesttype).toLowerCase().replaceAll('_', ' '),
        arguments: [expression(asNode(node.arg))],
        at: at(node),
      };
    case 'CaseExpr':
      return caseExpression(node);
    case 'CoalesceExpr':
      return { kind: 'call', name: 'coalesce', arguments: list(node.args), at: at(node) };
    case 'MinMaxExpr':
      return { kind: 'call', name: node.op === 'IS_LEAST' ? 'least' : 'greatest', arguments: list(node.args), at: at(node) };
    case 'GroupingFunc':
      return { kind: 'call', name: 'grouping', arguments: list(node.args), at: at(node) };
    case 'SQLValueFunction':
      return { kind: 'column', path: [valueFunction(asText(node.op))], at: at(node) };
    case 'TypeCast':
      only(node, 'arg typeName location', 'a cast');
      return cast(expression(asNode(node.arg)), typeName(asNode(node.typeName)));
    case 'SubLink':
      return subLink(node);
    case 'A_ArrayExpr':
      return { kind: 'operator', name: 'array', arguments: list(node.elements), at: at(node) };
    case 'RowExpr':
      return { kind: 'call', name: 'row', arguments: list(node.args), at: at(node) };
    case 'A_Indirection':
      return indirection(node);
    case 'CollateClause':
      return expression(asNode(node.arg));
    default:
      return unsupported(`${tag} in an expression`);
  }
}

/** `interval '3 months'` is a cast of a text; read as what it means where it is that plain. */
function cast(argument: Expression, type: string): Expression {
  const written =
    type === 'interval' && argument.kind === 'constant'
      ? /^(-?\d+) (year|quarter|month|week|day|hour|minute|second)s?$/i.exec(String(argument.value))
      : null;
  if (written) return { kind: 'interval', amount: { kind: 'constant', value: Number(written[1]) }, unit: written[2]!.toLowerCase() };
  return { kind: 'cast', argument, type, safe: false };
}

function columnRef(node: SyntaxNode): Expression {
  const fields = asNodes(node.fields);
  const last = fields[fields.length - 1];
  if (last && 'A_Star' in last)
    return { kind: 'star', table: fields.length > 1 ? textOf(fields[fields.length - 2]) : undefined, at: at(node) };
  return { kind: 'column', path: fields.map(textOf), at: at(node) };
}

function constant(node: SyntaxNode): Expression {
  const place = at(node);
  if (node.isnull === true) return { kind: 'constant', value: null, at: place };
  if (node.ival !== undefined) return { kind: 'constant', value: Number(asNode(node.ival).ival ?? 0), at: place };
  if (node.fval !== undefined) return { kind: 'constant', value: Number(asNode(node.fval).fval), at: place };
  if (node.boolval !== undefined) return { kind: 'constant', value: asNode(node.boolval).boolval === true, at: place };
  if (node.sval !== undefined) return { kind: 'constant', value: asText(asNode(node.sval).sval), at: place };
  return unsupported('this constant');
}

function call(node: SyntaxNode): Call {
  only(
    node,
    'funcname args agg_order agg_filter over agg_within_group agg_star agg_distinct func_variadic funcformat location',
    'a function',
  );
  const path = names(node.funcname);
  if (path.length > 2) return unsupported('a function of another database');
  const order = orders(node.agg_order);
  return {
    kind: 'call',
    name: path[path.length - 1]!.toLowerCase(),
    schema: path.length === 2 ? path[0] : undefined,
    arguments: list(node.args),
    star: node.agg_star === true || undefined,
    distinct: node.agg_distinct === true || undefined,
    order: order.length > 0 && node.agg_within_group !== true ? order : undefined,
    within: node.agg_within_group === true ? order : undefined,
    filter: optional(node.agg_filter),
    window: node.over === undefined ? undefined : window(asNode(node.over)),
    at: at(node),
  };
}

// Bits of frameOptions, as in PostgreSQL's parsenodes.h.
const frameBits = {
  nonDefault: 0x1,
  range: 0x2,
  rows: 0x4,
  groups: 0x8,
  startUnboundedPreceding: 0x20,
  endUnboundedFollowing: 0x100,
  startCurrent: 0x200,
  endCurrent: 0x400,
  startPreceding: 0x800,
  endPreceding: 0x1000,
  startFollowing: 0x2000,
  endFollowing: 0x4000,
  exclusion: 0x38000,
};

function window(node: SyntaxNode): Window {
  only(node, 'name refname partitionClause orderClause frameOptions startOffset endOffset location', 'a window');
  const base = windows[asText(node.name) || asText(node.refname)];
  if (base && base !== node) {
    const shared = window({ ...base, name: undefined });
    return {
      partition: shared.partition,
      order: shared.order.length > 0 ? shared.order : orders(node.orderClause),
      frame: frame(node) ?? shared.frame,
    };
  }
  return { partition: list(node.partitionClause), order: orders(node.orderClause), frame: frame(node) };
}

function frame(node: SyntaxNode): Frame | undefined {
  const bits = Number(node.frameOptions ?? 0);
  if ((bits & frameBits.nonDefault) === 0) return undefined;
  if ((bits & frameBits.exclusion) !== 0) return unsupported('EXCLUDE in a window');
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const start: FrameBound['kind'] = has(frameBits.startUnboundedPreceding)
    ? 'unbounded preceding'
    : has(frameBits.startCurrent)
      ? 'current row'
      : has(frameBits.startPreceding)
        ? 'preceding'
        : 'following';
  const end: FrameBound['kind'] = has(frameBits.endUnboundedFollowing)
    ? 'unbounded following'
    : has(frameBits.endCurrent)
      ? 'current row'
      : has(frameBits.endPreceding)
        ? 'preceding'
        : 'following';
  return {
    unit: has(frameBits.rows) ? 'rows' : has(frameBits.groups) ? 'groups' : 'range',
    start: { kind: start, offset: optional(node.startOffset) },
    end: { kind: end, offset: optional(node.endOffset) },
  };
}

function operation(node: SyntaxNode): Expression {
  only(node, 'kind name lexpr rexpr location rexpr_list_start rexpr_list_end', 'an operator');
  const path = names(node.name);
  const symbol = path[path.length - 1]!;
  if (path.length > 1 && path[0] !== 'pg_catalog') unsupported('an operator of another schema');
  const left = optional(node.lexpr);
  const items = (): Expression[] => list(asNode(asNode(node.rexpr).List).items);
  const pair = (operator: string): Expression => ({
    kind: 'operator',
    name: operator,
    arguments: [...(left ? [left] : []), expression(asNode(node.rexpr))],
    at: at(node),
  });
  switch (node.kind) {
    case 'AEXPR_OP':
      if (!/^[-+*/%^<>=!~|&#@?]+$/.test(symbol)) return unsupported(`the operator ${symbol}`);
      return pair(symbol === '!=' ? '<>' : symbol);
    case 'AEXPR_LIKE':
      return pair(symbol === '!~~' ? 'not like' : 'like');
    case 'AEXPR_ILIKE':
      return pair(symbol === '!~~*' ? 'not ilike' : 'ilike');
    case 'AEXPR_SIMILAR':
      return pair(symbol === '!~' ? 'not similar to' : 'similar to');
    case 'AEXPR_IN':
      return { kind: 'operator', name: symbol === '<>' ? 'not in' : 'in', arguments: [...(left ? [left] : []), ...items()], at: at(node) };
    case 'AEXPR_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
      return { kind: 'operator', name: 'between', arguments: [...(left ? [left] : []), ...items()], at: at(node) };
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_NOT_BETWEEN_SYM':
      return {
        kind: 'operator',
        name: 'not',
        arguments: [{ kind: 'operator', name: 'between', arguments: [...(left ? [left] : []), ...items()] }],
        at: at(node),
      };
    case 'AEXPR_DISTINCT':
      return pair('is distinct from');
    case 'AEXPR_NOT_DISTINCT':
      return pair('is not distinct from');
    case 'AEXPR_NULLIF':
      return { kind: 'call', name: 'nullif', arguments: [...(left ? [left] : []), expression(asNode(node.rexpr))], at: at(node) };
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      return pair(`${symbol} ${node.kind === 'AEXPR_OP_ANY' ? 'any' : 'all'}`);
    default:
      return unsupported(`the operator ${symbol}`);
  }
}

function caseExpression(node: SyntaxNode): Expression {
  only(node, 'arg args defresult location', 'CASE');
  const subject = optional(node.arg);
  const branches = asNodes(node.args).map((wrapped) => {
    const [, branch] = unwrap(wrapped);
    const when = expression(asNode(branch.expr));
    return {
      when: subject ? ({ kind: 'operator', name: '=', arguments: [subject, when] } as const) : when,
      then: expression(asNode(branch.result)),
    };
  });
  return { kind: 'case', branches, otherwise: optional(node.defresult) };
}

const valueFunction = (op: string): string =>
  op
    .replace(/^SVFOP_/, '')
    .replace(/_N$/, '')
    .toLowerCase();

function subLink(node: SyntaxNode): Expression {
  only(node, 'subLinkType testexpr operName subselect location', 'a subquery');
  const uses: Record<string, 'scalar' | 'exists' | 'any' | 'all'> = {
    EXPR_SUBLINK: 'scalar',
    EXISTS_SUBLINK: 'exists',
    ANY_SUBLINK: 'any',
    ALL_SUBLINK: 'all',
    ARRAY_SUBLINK: 'scalar',
  };
  const use = uses[asText(node.subLinkType)] ?? unsupported('this subquery');
  const operator = names(node.operName).pop() ?? (use === 'any' ? '=' : undefined);
  return { kind: 'subquery', use, query: statement(node.subselect), argument: optional(node.testexpr), operator };
}

function indirection(node: SyntaxNode): Expression {
  const base = expression(asNode(node.arg));
  const parts = asNodes(node.indirection).flatMap((wrapped) => {
    if ('A_Star' in wrapped || 'String' in wrapped) return [];
    const [tag, index] = unwrap(wrapped);
    if (tag !== 'A_Indices') return unsupported('this access');
    return [optional(index.lidx), optional(index.uidx)].filter((part) => part !== undefined);
  });
  return { kind: 'operator', name: '[]', arguments: [base, ...parts], at: at(node) };
}

// No reg* types: a cast to one looks names up in the catalog.
const types = new Set(
  'int2 int4 int8 int integer bigint smallint numeric decimal float4 float8 real text varchar bpchar char date time timetz timestamp timestamptz interval bool boolean json jsonb uuid bytea'.split(
    ' ',
  ),
);

function typeName(node: SyntaxNode): string {
  only(node, 'names typmods typemod arrayBounds location', 'a type');
  const path = names(node.names);
  const base = path[path.length - 1]!.toLowerCase();
  if (path.length > 1 && path[0] !== 'pg_catalog') return unsupported('a type of another schema');
  if (!types.has(base)) return unsupported(`the type ${base}`);
  const sizes = list(node.typmods).map((part) => (part.kind === 'constant' && typeof part.value === 'number' ? part.value : undefined));
  const size = sizes.length > 0 && sizes.every((part) => part !== undefined) && base !== 'interval' ? `(${sizes.join(',')})` : '';
  return `${base}${size}${node.arrayBounds === undefined ? '' : '[]'}`;
}
