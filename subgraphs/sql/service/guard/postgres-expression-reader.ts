import type { Call, Expression, Frame, FrameBound, Order, Query, Window } from './ir';
import { at, names, textOf, unsupported, unwrap } from './postgres-nodes';
import { asNode, asNodes, asText, only, type SyntaxNode } from './syntax-node';

/** Reads expressions; queries inside them are read by the class that reads queries. */
export abstract class PostgresExpressionReader {
  /** Named windows of the select that is being read. */
  protected windows: Readonly<Record<string, SyntaxNode>> = {};

  protected abstract statement(value: unknown): Query;

  protected list(value: unknown): Expression[] {
    return asNodes(value).map((part) => this.expression(part));
  }

  protected optional(value: unknown): Expression | undefined {
    return value === undefined ? undefined : this.expression(asNode(value));
  }

  protected orders(value: unknown): Order[] {
    return asNodes(value).map((wrapped) => {
      const [, sort] = unwrap(wrapped);
      only(sort, 'node sortby_dir sortby_nulls location', 'ORDER BY');
      if (sort.sortby_dir === 'SORTBY_USING') unsupported('ORDER BY USING');
      const nulls = sort.sortby_nulls === 'SORTBY_NULLS_FIRST' ? 'first' : sort.sortby_nulls === 'SORTBY_NULLS_LAST' ? 'last' : undefined;
      return { expression: this.expression(asNode(sort.node)), descending: sort.sortby_dir === 'SORTBY_DESC', nulls };
    });
  }

  protected expression(value: SyntaxNode): Expression {
    const [tag, node] = unwrap(value);
    switch (tag) {
      case 'ColumnRef':
        return columnRef(node);
      case 'A_Const':
        return constant(node);
      case 'ParamRef':
        return { kind: 'parameter', name: String(node.number) };
      case 'FuncCall':
        return this.call(node);
      case 'A_Expr':
        return this.operation(node);
      case 'BoolExpr': {
        const operators: Record<string, string> = { AND_EXPR: 'and', OR_EXPR: 'or', NOT_EXPR: 'not' };
        return {
          kind: 'operator',
          name: operators[asText(node.boolop)] ?? unsupported('this condition'),
          arguments: this.list(node.args),
          at: at(node),
        };
      }
      case 'NullTest':
        return {
          kind: 'operator',
          name: node.nulltesttype === 'IS_NOT_NULL' ? 'is not null' : 'is null',
          arguments: [this.expression(asNode(node.arg))],
          at: at(node),
        };
      case 'BooleanTest':
        return {
          kind: 'operator',
          name: asText(node.booltesttype).toLowerCase().replaceAll('_', ' '),
          arguments: [this.expression(asNode(node.arg))],
          at: at(node),
        };
      case 'CaseExpr':
        return this.caseExpression(node);
      case 'CoalesceExpr':
        return { kind: 'call', name: 'coalesce', arguments: this.list(node.args), at: at(node) };
      case 'MinMaxExpr':
        return { kind: 'call', name: node.op === 'IS_LEAST' ? 'least' : 'greatest', arguments: this.list(node.args), at: at(node) };
      case 'GroupingFunc':
        return { kind: 'call', name: 'grouping', arguments: this.list(node.args), at: at(node) };
      case 'SQLValueFunction':
        return { kind: 'column', path: [valueFunction(asText(node.op))], at: at(node) };
      case 'TypeCast':
        only(node, 'arg typeName location', 'a cast');
        return cast(this.expression(asNode(node.arg)), this.typeName(asNode(node.typeName)));
      case 'SubLink':
        return this.subLink(node);
      case 'A_ArrayExpr':
        return { kind: 'operator', name: 'array', arguments: this.list(node.elements), at: at(node) };
      case 'RowExpr':
        return { kind: 'call', name: 'row', arguments: this.list(node.args), at: at(node) };
      case 'A_Indirection':
        return this.indirection(node);
      case 'CollateClause':
        return this.expression(asNode(node.arg));
      default:
        return unsupported(`${tag} in an expression`);
    }
  }

  protected call(node: SyntaxNode): Call {
    only(
      node,
      'funcname args agg_order agg_filter over agg_within_group agg_star agg_distinct func_variadic funcformat location',
      'a function',
    );
    const path = names(node.funcname);
    if (path.length > 2) return unsupported('a function of another database');
    const order = this.orders(node.agg_order);
    return {
      kind: 'call',
      name: path[path.length - 1]!.toLowerCase(),
      schema: path.length === 2 ? path[0] : undefined,
      arguments: this.list(node.args),
      star: node.agg_star === true || undefined,
      distinct: node.agg_distinct === true || undefined,
      order: order.length > 0 && node.agg_within_group !== true ? order : undefined,
      within: node.agg_within_group === true ? order : undefined,
      filter: this.optional(node.agg_filter),
      window: node.over === undefined ? undefined : this.window(asNode(node.over)),
      at: at(node),
    };
  }

  protected window(node: SyntaxNode): Window {
    only(node, 'name refname partitionClause orderClause frameOptions startOffset endOffset location', 'a window');
    const base = this.windows[asText(node.name) || asText(node.refname)];
    if (base && base !== node) {
      const shared = this.window({ ...base, name: undefined });
      return {
        partition: shared.partition,
        order: shared.order.length > 0 ? shared.order : this.orders(node.orderClause),
        frame: this.frame(node) ?? shared.frame,
      };
    }
    return { partition: this.list(node.partitionClause), order: this.orders(node.orderClause), frame: this.frame(node) };
  }

  protected frame(node: SyntaxNode): Frame | undefined {
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
      start: { kind: start, offset: this.optional(node.startOffset) },
      end: { kind: end, offset: this.optional(node.endOffset) },
    };
  }

  protected operation(node: SyntaxNode): Expression {
    only(node, 'kind name lexpr rexpr location rexpr_list_start rexpr_list_end', 'an operator');
    const path = names(node.name);
    const symbol = path[path.length - 1]!;
    if (path.length > 1 && path[0] !== 'pg_catalog') unsupported('an operator of another schema');
    const left = this.optional(node.lexpr);
    const items = (): Expression[] => this.list(asNode(asNode(node.rexpr).List).items);
    const pair = (operator: string): Expression => ({
      kind: 'operator',
      name: operator,
      arguments: [...(left ? [left] : []), this.expression(asNode(node.rexpr))],
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
        return {
          kind: 'operator',
          name: symbol === '<>' ? 'not in' : 'in',
          arguments: [...(left ? [left] : []), ...items()],
          at: at(node),
        };
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
        return { kind: 'call', name: 'nullif', arguments: [...(left ? [left] : []), this.expression(asNode(node.rexpr))], at: at(node) };
      case 'AEXPR_OP_ANY':
      case 'AEXPR_OP_ALL':
        return pair(`${symbol} ${node.kind === 'AEXPR_OP_ANY' ? 'any' : 'all'}`);
      default:
        return unsupported(`the operator ${symbol}`);
    }
  }

  protected caseExpression(node: SyntaxNode): Expression {
    only(node, 'arg args defresult location', 'CASE');
    const subject = this.optional(node.arg);
    const branches = asNodes(node.args).map((wrapped) => {
      const [, branch] = unwrap(wrapped);
      const when = this.expression(asNode(branch.expr));
      return {
        when: subject ? ({ kind: 'operator', name: '=', arguments: [subject, when] } as const) : when,
        then: this.expression(asNode(branch.result)),
      };
    });
    return { kind: 'case', branches, otherwise: this.optional(node.defresult) };
  }

  protected subLink(node: SyntaxNode): Expression {
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
    return { kind: 'subquery', use, query: this.statement(node.subselect), argument: this.optional(node.testexpr), operator };
  }

  protected indirection(node: SyntaxNode): Expression {
    const base = this.expression(asNode(node.arg));
    const parts = asNodes(node.indirection).flatMap((wrapped) => {
      if ('A_Star' in wrapped || 'String' in wrapped) return [];
      const [tag, index] = unwrap(wrapped);
      if (tag !== 'A_Indices') return unsupported('this access');
      return [this.optional(index.lidx), this.optional(index.uidx)].filter((part) => part !== undefined);
    });
    return { kind: 'operator', name: '[]', arguments: [base, ...parts], at: at(node) };
  }

  typeName(node: SyntaxNode): string {
    only(node, 'names typmods typemod arrayBounds location', 'a type');
    const path = names(node.names);
    const base = path[path.length - 1]!.toLowerCase();
    if (path.length > 1 && path[0] !== 'pg_catalog') return unsupported('a type of another schema');
    if (!types.has(base)) return unsupported(`the type ${base}`);
    const sizes = this.list(node.typmods).map((part) =>
      part.kind === 'constant' && typeof part.value === 'number' ? part.value : undefined,
    );
    const size = sizes.length > 0 && sizes.every((part) => part !== undefined) && base !== 'interval' ? `(${sizes.join(',')})` : '';
    return `${base}${size}${node.arrayBounds === undefined ? '' : '[]'}`;
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

// No reg* types: a cast to one looks names up in the catalog.
const types = new Set(
  'int2 int4 int8 int integer bigint smallint numeric decimal float4 float8 real text varchar bpchar char date time timetz timestamp timestamptz interval bool boolean json jsonb uuid bytea'.split(
    ' ',
  ),
);

const valueFunction = (op: string): string =>
  op
    .replace(/^SVFOP_/, '')
    .replace(/_N$/, '')
    .toLowerCase();
