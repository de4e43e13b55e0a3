import { DuckdbExpressionReader } from './duckdb-expression-reader';
import { at, name, strings, unsupported } from './duckdb-nodes';
import { UnreadableSql, type Expression, type FromItem, type Join, type Order, type Query, type Select, type SetOperation } from './ir';
import { asNode, asNodes, asText, only, type SyntaxNode } from './syntax-node';

class DuckdbQueryReader extends DuckdbExpressionReader {
  query(node: SyntaxNode): Query {
    const modifiers = asNodes(node.modifiers);
    const order: Order[] = [];
    let limit: Expression | undefined;
    let offset: Expression | undefined;
    let distinct = false;
    let distinctOn: Expression[] = [];
    for (const modifier of modifiers) {
      switch (modifier.type) {
        case 'ORDER_MODIFIER':
          order.push(...this.orders(modifier));
          break;
        case 'LIMIT_MODIFIER':
        case 'LIMIT_PERCENT_MODIFIER':
          only(modifier, 'type limit offset', 'LIMIT');
          limit = this.optional(modifier.limit);
          offset = this.optional(modifier.offset);
          break;
        case 'DISTINCT_MODIFIER':
          only(modifier, 'type distinct_on_targets', 'DISTINCT');
          distinct = true;
          distinctOn = this.list(modifier.distinct_on_targets);
          break;
        default:
          unsupported(`the clause ${asText(modifier.type)}`);
      }
    }
    const map = node.cte_map === undefined || node.cte_map === null ? [] : asNodes(asNode(node.cte_map).map);
    const common = map.map((entry) => {
      const value = asNode(entry.value);
      only(value, 'query materialized aliases', 'WITH');
      const inner = asNode(asNode(value.query).node);
      if (inner.type === 'RECURSIVE_CTE_NODE') throw new UnreadableSql('recursive queries are not allowed', 'security_violation');
      return { name: asText(entry.key), columns: strings(value.aliases), query: this.query(inner) };
    });
    return { with: common, recursive: false, body: this.body(node, { distinct, distinctOn }), order, limit, offset };
  }

  private body(node: SyntaxNode, { distinct, distinctOn }: { distinct: boolean; distinctOn: Expression[] }): Select | SetOperation {
    if (node.type === 'SET_OPERATION_NODE') {
      only(node, 'type modifiers cte_map setop_type left right setop_all', 'a set operation');
      const operator = asText(node.setop_type).toLowerCase();
      if (operator !== 'union' && operator !== 'intersect' && operator !== 'except') return unsupported(`the set operation ${operator}`);
      return {
        kind: 'set',
        operator,
        all: node.setop_all === true,
        left: this.query(asNode(node.left)),
        right: this.query(asNode(node.right)),
      };
    }
    if (node.type !== 'SELECT_NODE') return unsupported('this kind of statement');
    only(
      node,
      'type modifiers cte_map select_list from_table where_clause group_expressions group_sets aggregate_handling having sample qualify',
      'SELECT',
    );
    if (node.sample !== undefined && node.sample !== null) only(asNode(node.sample), 'sample_size is_percentage method seed', 'a sample');
    const from = asNode(node.from_table);
    const items = asNodes(node.select_list).map((item) => ({ expression: this.expression(item), alias: name(item.alias) }));
    const sets = Array.isArray(node.group_sets) ? node.group_sets.length : 0;
    return {
      kind: 'select',
      distinct,
      distinctOn,
      items,
      from: from.type === 'EMPTY' ? undefined : this.fromItem(from),
      where: this.optional(node.where_clause),
      group: this.list(node.group_expressions),
      groupKind: node.aggregate_handling === 'FORCE_AGGREGATES' ? 'all' : sets > 1 ? 'sets' : undefined,
      having: this.optional(node.having),
      qualify: this.optional(node.qualify),
    };
  }

  private fromItem(node: SyntaxNode): FromItem {
    const alias = name(node.alias);
    const columns = strings(node.column_name_alias);
    switch (node.type) {
      case 'BASE_TABLE':
        only(node, 'type alias sample query_location catalog_name schema_name table_name column_name_alias', 'a table');
        return {
          kind: 'table',
          catalog: name(node.catalog_name),
          schema: name(node.schema_name),
          name: asText(node.table_name),
          alias,
          columns,
          at: at(node),
        };
      case 'SUBQUERY':
        only(node, 'type alias sample query_location subquery column_name_alias', 'a subquery');
        return { kind: 'subquery', query: this.query(asNode(asNode(node.subquery).node)), alias, columns, lateral: true };
      case 'TABLE_FUNCTION': {
        only(node, 'type alias sample query_location function column_name_alias with_ordinality', 'a table function');
        const call = this.expression(asNode(node.function));
        if (call.kind !== 'call') return unsupported('this table function');
        return { kind: 'function', call, alias, columns };
      }
      case 'EXPRESSION_LIST':
        only(node, 'type alias sample query_location values expected_names expected_types column_name_alias', 'VALUES');
        return { kind: 'values', rows: (node.values as unknown[][]).map((row) => this.list(row)), alias, columns };
      case 'JOIN':
        return this.join(node);
      default:
        return unsupported(`${asText(node.type).toLowerCase().replaceAll('_', ' ')} in FROM`);
    }
  }

  private join(node: SyntaxNode): Join {
    only(
      node,
      'type alias sample query_location left right condition join_type ref_type using_columns delim_flipped duplicate_eliminated_columns',
      'a join',
    );
    const kinds: Record<string, Join['type']> = {
      INNER: 'inner',
      LEFT: 'left',
      RIGHT: 'right',
      FULL: 'full',
      OUTER: 'full',
      SEMI: 'semi',
      ANTI: 'anti',
    };
    const refs: Record<string, Join['type']> = { CROSS: 'cross', ASOF: 'asof', POSITIONAL: 'positional' };
    const type = refs[asText(node.ref_type)] ?? kinds[asText(node.join_type)];
    if (!type) return unsupported(`the join ${asText(node.join_type)}`);
    return {
      kind: 'join',
      type,
      left: this.fromItem(asNode(node.left)),
      right: this.fromItem(asNode(node.right)),
      on: this.optional(node.condition),
      using: strings(node.using_columns),
      natural: node.ref_type === 'NATURAL',
      at: at(node),
    };
  }
}

/** Reads the tree of `json_serialize_sql`, one statement's `node`. */
export const readDuckdbQuery = (node: SyntaxNode): Query => new DuckdbQueryReader().query(node);
