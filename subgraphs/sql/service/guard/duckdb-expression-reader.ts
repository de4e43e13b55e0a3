import type { Call, Expression, Frame, FrameBound, Order, Query, Window } from './ir';
import { at, name, strings, unsupported } from './duckdb-nodes';
import { asNode, asNodes, asText, only, type SyntaxNode } from './syntax-node';

const comparisons: Record<string, string> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHAN: '>',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_DISTINCT_FROM: 'is distinct from',
  COMPARE_NOT_DISTINCT_FROM: 'is not distinct from',
};

const operators: Record<string, string> = {
  OPERATOR_NOT: 'not',
  OPERATOR_IS_NULL: 'is null',
  OPERATOR_IS_NOT_NULL: 'is not null',
  COMPARE_IN: 'in',
  COMPARE_NOT_IN: 'not in',
  ARRAY_EXTRACT: '[]',
  ARRAY_SLICE: '[:]',
  STRUCT_EXTRACT: '.',
  ARRAY_CONSTRUCTOR: 'array',
};

/** Operators that DuckDB's tree holds as functions, under the names of this tree. */
const functionOperators: Record<string, string> = {
  '~~': 'like',
  '!~~': 'not like',
  '~~*': 'ilike',
  '!~~*': 'not ilike',
  '~~~': 'glob',
  '->': '->',
  '->>': '->>',
};

const frameBounds: Record<string, Frame['start']['kind']> = {
  UNBOUNDED_PRECEDING: 'unbounded preceding',
  UNBOUNDED_FOLLOWING: 'unbounded following',
  CURRENT_ROW_RANGE: 'current row',
  CURRENT_ROW_ROWS: 'current row',
  CURRENT_ROW_GROUPS: 'current row',
  EXPR_PRECEDING_ROWS: 'preceding',
  EXPR_PRECEDING_RANGE: 'preceding',
  EXPR_PRECEDING_GROUPS: 'preceding',
  EXPR_FOLLOWING_ROWS: 'following',
  EXPR_FOLLOWING_RANGE: 'following',
  EXPR_FOLLOWING_GROUPS: 'following',
};

/** Reads expressions; queries inside them are read by the class that reads queries. */
export abstract class DuckdbExpressionReader {
  abstract query(node: SyntaxNode): Query;

  protected optional(value: unknown): Expression | undefined {
    return value === undefined || value === null ? undefined : this.expression(asNode(value));
  }

  protected list(value: unknown): Expression[] {
    return asNodes(value).map((part) => this.expression(part));
  }

  protected orders(node: SyntaxNode): Order[] {
    only(node, 'type orders', 'ORDER BY');
    return asNodes(node.orders).map((order) => {
      only(order, 'type null_order expression', 'ORDER BY');
      const nulls = order.null_order === 'NULLS FIRST' ? 'first' : order.null_order === 'NULLS LAST' ? 'last' : undefined;
      return { expression: this.expression(asNode(order.expression)), descending: order.type === 'DESCENDING', nulls };
    });
  }

  protected expression(node: SyntaxNode): Expression {
    const common = 'class type alias query_location ';
    switch (node.class) {
      case 'COLUMN_REF':
        only(node, `${common}column_names`, 'a column');
        return { kind: 'column', path: strings(node.column_names), at: at(node) };
      case 'CONSTANT':
        only(node, `${common}value`, 'a constant');
        return constant(node);
      case 'PARAMETER':
        only(node, `${common}identifier`, 'a parameter');
        return { kind: 'parameter', name: asText(node.identifier) };
      case 'STAR':
        return this.star(node);
      case 'FUNCTION':
        return this.call(node);
      case 'WINDOW':
        return this.windowCall(node);
      case 'COMPARISON': {
        only(node, `${common}left right`, 'a comparison');
        const operator = comparisons[asText(node.type)] ?? unsupported(`the comparison ${asText(node.type)}`);
        return {
          kind: 'operator',
          name: operator,
          arguments: [this.expression(asNode(node.left)), this.expression(asNode(node.right))],
          at: at(node),
        };
      }
      case 'CONJUNCTION':
        only(node, `${common}children`, 'a condition');
        return { kind: 'operator', name: node.type === 'CONJUNCTION_OR' ? 'or' : 'and', arguments: this.list(node.children), at: at(node) };
      case 'BETWEEN':
        only(node, `${common}input lower upper`, 'BETWEEN');
        return {
          kind: 'operator',
          name: 'between',
          arguments: [node.input, node.lower, node.upper].map((part) => this.expression(asNode(part))),
          at: at(node),
        };
      case 'OPERATOR':
        return this.operator(node);
      case 'CASE':
        only(node, `${common}case_checks else_expr`, 'CASE');
        return {
          kind: 'case',
          branches: asNodes(node.case_checks).map((check) => ({
            when: this.expression(asNode(check.when_expr)),
            then: this.expression(asNode(check.then_expr)),
          })),
          otherwise: this.optional(node.else_expr),
        };
      case 'CAST':
        only(node, `${common}child cast_type try_cast`, 'a cast');
        return {
          kind: 'cast',
          argument: this.expression(asNode(node.child)),
          type: typeName(asNode(node.cast_type)),
          safe: node.try_cast === true,
        };
      case 'SUBQUERY':
        return this.subquery(node);
      case 'LAMBDA':
        return this.lambda(node);
      case 'COLLATE':
        only(node, `${common}child collation`, 'COLLATE');
        return this.expression(asNode(node.child));
      default:
        return unsupported(`${asText(node.class).toLowerCase().replaceAll('_', ' ')} in an expression`);
    }
  }

  protected star(node: SyntaxNode): Expression {
    only(
      node,
      'class type alias query_location relation_name exclude_list replace_list columns expr qualified_exclude_list rename_list',
      '*',
    );
    const replaced = asNodes(node.replace_list).map((entry) => this.expression(asNode(entry.value)));
    const chosen = this.optional(node.expr);
    const plain: Expression = { kind: 'star', table: name(node.relation_name), at: at(node) };
    const inside = [...replaced, ...(chosen ? [chosen] : [])];
    return inside.length === 0 ? plain : { kind: 'operator', name: 'columns', arguments: [plain, ...inside], at: at(node) };
  }

  protected call(node: SyntaxNode): Expression {
    only(
      node,
      'class type alias query_location function_name schema catalog children filter order_bys distinct is_operator export_state',
      'a function',
    );
    if (asText(node.catalog) !== '') unsupported('a function of another database');
    const raw = asText(node.function_name).toLowerCase();
    const found = this.list(node.children);
    if (node.is_operator === true || functionOperators[raw] !== undefined) {
      if (!/^[-+*/%|&<>=!~^@#]+$/.test(raw) && functionOperators[raw] === undefined) unsupported(`the operator ${raw}`);
      return { kind: 'operator', name: functionOperators[raw] ?? raw, arguments: found, at: at(node) };
    }
    const length = intervalOf(raw, found);
    if (length) return length;
    const orderBy = node.order_bys === undefined || node.order_bys === null ? [] : this.orders(asNode(node.order_bys));
    return {
      kind: 'call',
      name: raw === 'count_star' ? 'count' : raw,
      schema: name(node.schema),
      arguments: found,
      star: raw === 'count_star' || undefined,
      distinct: node.distinct === true || undefined,
      order: orderBy.length > 0 ? orderBy : undefined,
      filter: this.optional(node.filter),
      at: at(node),
    };
  }

  protected windowCall(node: SyntaxNode): Call {
    only(
      node,
      'class type alias query_location function_name schema catalog children partitions orders start end start_expr end_expr offset_expr default_expr ignore_nulls filter_expr exclude_clause distinct arg_orders',
      'a window function',
    );
    if (asText(node.catalog) !== '') unsupported('a function of another database');
    const raw = asText(node.function_name).toLowerCase();
    const extra = [this.optional(node.offset_expr), this.optional(node.default_expr)].filter((part) => part !== undefined);
    const bound = (kind: unknown, offset: unknown): FrameBound => ({
      kind: frameBounds[asText(kind)] ?? unsupported(`the window frame ${asText(kind)}`),
      offset: this.optional(offset),
    });
    const words = `${asText(node.start)} ${asText(node.end)}`;
    const frame: Frame = {
      unit: words.includes('ROWS') ? 'rows' : words.includes('GROUPS') ? 'groups' : 'range',
      start: bound(node.start, node.start_expr),
      end: bound(node.end, node.end_expr),
    };
    const standard = frame.unit === 'range' && frame.start.kind === 'unbounded preceding' && frame.end.kind === 'current row';
    const window: Window = {
      partition: this.list(node.partitions),
      order: this.orders({ orders: node.orders }),
      frame: standard ? undefined : frame,
    };
    return {
      kind: 'call',
      name: raw === 'count_star' ? 'count' : raw,
      schema: name(node.schema),
      arguments: [...this.list(node.children), ...extra],
      star: raw === 'count_star' || undefined,
      distinct: node.distinct === true || undefined,
      filter: this.optional(node.filter_expr),
      window,
      at: at(node),
    };
  }

  protected operator(node: SyntaxNode): Expression {
    only(node, 'class type alias query_location children', 'an operator');
    const children = this.list(node.children);
    if (node.type === 'OPERATOR_COALESCE') return { kind: 'call', name: 'coalesce', arguments: children, at: at(node) };
    if (node.type === 'OPERATOR_NULLIF') return { kind: 'call', name: 'nullif', arguments: children, at: at(node) };
    if (node.type === 'OPERATOR_TRY') return { kind: 'call', name: 'try', arguments: children, at: at(node) };
    if (node.type === 'GROUPING_FUNCTION') return { kind: 'call', name: 'grouping', arguments: children, at: at(node) };
    return {
      kind: 'operator',
      name: operators[asText(node.type)] ?? unsupported(`the operator ${asText(node.type)}`),
      arguments: children,
      at: at(node),
    };
  }

  protected subquery(node: SyntaxNode): Expression {
    only(node, 'class type alias query_location subquery_type subquery child comparison_type', 'a subquery');
    const uses: Record<string, 'scalar' | 'exists' | 'any' | 'all'> = {
      SCALAR: 'scalar',
      EXISTS: 'exists',
      NOT_EXISTS: 'exists',
      ANY: 'any',
      ALL: 'all',
    };
    const use = uses[asText(node.subquery_type)] ?? unsupported('this subquery');
    const query = this.query(asNode(asNode(node.subquery).node));
    const read: Expression = {
      kind: 'subquery',
      use,
      query,
      argument: this.optional(node.child),
      operator: comparisons[asText(node.comparison_type)],
    };
    return node.subquery_type === 'NOT_EXISTS' ? { kind: 'operator', name: 'not', arguments: [read] } : read;
  }

  /** `a -> 'b'` on JSON and `x -> x + 1` are one node to DuckDB's parser; a left side that is not a name is the JSON operator. */
  protected lambda(node: SyntaxNode): Expression {
    only(node, 'class type alias query_location lhs expr syntax_type', '->');
    const left = this.expression(asNode(node.lhs));
    const right = this.expression(asNode(node.expr));
    if (right.kind === 'constant') return { kind: 'operator', name: '->', arguments: [left, right], at: at(node) };
    const names = left.kind === 'column' ? [left] : left.kind === 'call' && left.name === 'row' ? left.arguments : undefined;
    if (!names?.every((part) => part.kind === 'column' && part.path.length === 1))
      return { kind: 'operator', name: '->', arguments: [left, right], at: at(node) };
    return { kind: 'lambda', parameters: names.map((part) => (part.kind === 'column' ? part.path[0]! : '')), body: right };
  }
}

function constant(node: SyntaxNode): Expression {
  const held = asNode(node.value);
  only(held, 'type is_null value', 'a constant');
  if (held.is_null === true) return { kind: 'constant', value: null, at: at(node) };
  const { value } = held;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return decimal(asNode(held.type), value, node);
  // A hugeint comes as {upper, lower}: outside what a plain number holds.
  return { kind: 'constant', value: Number.POSITIVE_INFINITY, at: at(node) };
}

function decimal(type: SyntaxNode, value: string | number | boolean, node: SyntaxNode): Expression {
  if (type.id !== 'DECIMAL' || typeof value !== 'number') return { kind: 'constant', value, at: at(node) };
  const scale = Number(asNode(type.type_info).scale ?? 0);
  return { kind: 'constant', value: value / 10 ** scale, at: at(node) };
}

const intervalUnit = /^to_(year|quarter|month|week|day|hour|minute|second)s$/;

/** DuckDB's tree holds `interval 3 month` as `to_months(cast(trunc(cast(3 as double)) as integer))`. */
function intervalOf(name: string, [only, ...rest]: readonly Expression[]): Expression | undefined {
  const unit = intervalUnit.exec(name)?.[1];
  if (!unit || !only || rest.length > 0) return undefined;
  const bare = (part: Expression): Expression =>
    part.kind === 'cast'
      ? bare(part.argument)
      : part.kind === 'call' && part.name === 'trunc' && part.arguments[0]
        ? bare(part.arguments[0])
        : part;
  const amount = bare(only);
  const number = amount.kind === 'constant' && /^-?\d+$/.test(String(amount.value)) ? Number(amount.value) : undefined;
  return { kind: 'interval', amount: number === undefined ? amount : { kind: 'constant', value: number }, unit };
}

function typeName(node: SyntaxNode): string {
  const id = asText(node.id);
  if (!/^[A-Z0-9_ ]+$/i.test(id)) return unsupported('this type');
  const info = node.type_info === undefined || node.type_info === null ? undefined : asNode(node.type_info);
  if (id === 'DECIMAL' && info) return `DECIMAL(${Number(info.width)},${Number(info.scale)})`;
  if (id === 'UNBOUND') return readUnboundType(info);
  if (id === 'LIST' || id === 'ARRAY') return info?.child_type ? `${typeName(asNode(info.child_type))}[]` : id;
  return id;
}

function readUnboundType(info: SyntaxNode | undefined): string {
  const text = asText(info?.name) || asText(asNode(info?.expr ?? {}).type_name);
  if (!/^[A-Z0-9_ ]+$/i.test(text)) return unsupported('this type');
  return text.toUpperCase();
}
