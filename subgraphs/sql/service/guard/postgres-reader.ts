import {
  UnreadableSql,
  type CommonTable,
  type Expression,
  type FromItem,
  type Join,
  type Query,
  type Select,
  type SetOperation,
} from './ir';
import { PostgresExpressionReader } from './postgres-expression-reader';
import { at, names, unsupported, unwrap } from './postgres-nodes';
import { asNode, asNodes, asText, only, type SyntaxNode } from './syntax-node';

class PostgresQueryReader extends PostgresExpressionReader {
  readQuery(node: SyntaxNode): Query {
    only(
      node,
      'distinctClause targetList fromClause whereClause groupClause havingClause windowClause valuesLists sortClause limitOffset limitCount limitOption withClause op all larg rarg',
      'SELECT',
    );
    if (node.limitOption !== undefined && node.limitOption !== 'LIMIT_OPTION_DEFAULT' && node.limitOption !== 'LIMIT_OPTION_COUNT')
      unsupported('FETCH WITH TIES');
    const outerWindows = this.windows;
    this.windows = Object.fromEntries(
      asNodes(node.windowClause)
        .map((wrapped) => unwrap(wrapped)[1])
        .map((definition) => [asText(definition.name), definition]),
    );
    try {
      return {
        with: node.withClause === undefined ? [] : this.commonTables(asNode(node.withClause)),
        recursive: node.withClause !== undefined && asNode(node.withClause).recursive === true,
        body: node.op === undefined || node.op === 'SETOP_NONE' ? this.select(node) : this.setOperation(node),
        order: this.orders(node.sortClause),
        limit: this.optional(node.limitCount),
        offset: this.optional(node.limitOffset),
      };
    } finally {
      this.windows = outerWindows;
    }
  }

  private commonTables(node: SyntaxNode): CommonTable[] {
    only(node, 'ctes recursive location', 'WITH');
    return asNodes(node.ctes).map((wrapped) => {
      const [, table] = unwrap(wrapped);
      only(table, 'ctename aliascolnames ctematerialized ctequery location', 'WITH');
      return { name: asText(table.ctename), columns: names(table.aliascolnames), query: this.statement(table.ctequery) };
    });
  }

  protected statement(value: unknown): Query {
    const [tag, node] = unwrap(value);
    if (tag !== 'SelectStmt') throw new UnreadableSql('it is not a SELECT', 'security_violation');
    return this.readQuery(node);
  }

  private setOperation(node: SyntaxNode): SetOperation {
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
      left: this.readQuery(asNode(node.larg)),
      right: this.readQuery(asNode(node.rarg)),
    };
  }

  private select(node: SyntaxNode): Select {
    const from = asNodes(node.fromClause).map((part) => this.fromItem(part));
    const values = Array.isArray(node.valuesLists) ? node.valuesLists : [];
    if (values.length > 0) {
      const rows = values.map((row) => this.list(asNode(asNode(row).List).items));
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
      distinctOn: distinctNodes.map((entry) => this.expression(asNode(entry))),
      items: asNodes(node.targetList).map((wrapped) => {
        const [, target] = unwrap(wrapped);
        only(target, 'name val location', 'a column of the result');
        return { expression: this.expression(asNode(target.val)), alias: asText(target.name) || undefined };
      }),
      from:
        from.length === 0
          ? undefined
          : from.reduce((left, right) => ({ kind: 'join', type: 'cross', left, right, using: [], natural: false })),
      where: this.optional(node.whereClause),
      group: groups.flatMap((part) => this.groupItem(part)),
      groupKind: groups.some((group) => 'GroupingSet' in group) ? 'sets' : undefined,
      having: this.optional(node.havingClause),
    };
  }

  private groupItem(node: SyntaxNode): Expression[] {
    if (!('GroupingSet' in node)) return [this.expression(node)];
    const set = asNode(node.GroupingSet);
    only(set, 'kind content location', 'GROUPING SETS');
    return asNodes(set.content).flatMap((inner) => ('List' in inner ? this.list(asNode(inner.List).items) : this.groupItem(inner)));
  }

  private fromItem(value: SyntaxNode): FromItem {
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
        return { kind: 'subquery', query: this.statement(node.subquery), lateral: node.lateral === true, ...aliasOf(node.alias) };
      case 'RangeFunction': {
        only(node, 'lateral ordinality functions alias', 'a function in FROM');
        const functions = Array.isArray(node.functions) ? node.functions : [];
        if (functions.length !== 1) return unsupported('ROWS FROM');
        const items = asNode(asNode(functions[0]).List).items as unknown[];
        const call = this.expression(asNode(items[0]));
        return call.kind === 'call' ? { kind: 'function', call, ...aliasOf(node.alias) } : unsupported('this in FROM');
      }
      case 'JoinExpr':
        return this.join(node);
      default:
        return unsupported(`${tag} in FROM`);
    }
  }

  private join(node: SyntaxNode): Join {
    only(node, 'jointype isNatural larg rarg usingClause quals rtindex', 'a join');
    const types: Record<string, Join['type']> = { JOIN_INNER: 'inner', JOIN_LEFT: 'left', JOIN_RIGHT: 'right', JOIN_FULL: 'full' };
    const type = types[asText(node.jointype)] ?? unsupported('this join');
    const using = names(node.usingClause);
    const natural = node.isNatural === true;
    const on = this.optional(node.quals);
    // CROSS JOIN is an inner join without a condition: the grammar allows no other way to write that.
    const crossed = type === 'inner' && !on && using.length === 0 && !natural;
    return {
      kind: 'join',
      type: crossed ? 'cross' : type,
      left: this.fromItem(asNode(node.larg)),
      right: this.fromItem(asNode(node.rarg)),
      on,
      using,
      natural,
    };
  }
}

const aliasOf = (value: unknown): { alias?: string; columns: string[] } => {
  if (value === undefined) return { columns: [] };
  const alias = asNode(value);
  return { alias: asText(alias.aliasname) || undefined, columns: names(alias.colnames) };
};

/** Reads the body of a SelectStmt. */
export const readPostgresQuery = (node: SyntaxNode): Query => new PostgresQueryReader().readQuery(node);
