import type { Dialect } from '../../engine/catalog';
import {
  UnreadableSql,
  type CommonTable,
  type Expression,
  type FromItem,
  type Join,
  type Query,
  type Select,
  type SelectItem,
  type SetOperation,
  type Window,
} from '../ir';
import { Cursor } from './cursor';
import { parseExpression, parseOperand } from './expression-parser';
import { tokenize } from './lexer';
import { listUntil, optionalAlias, orderList, startsQuery, type QueryParsing } from './parsing';
import { windowDefinition } from './window-parser';
import { clauseWords } from './words';

const maxQueryDepth = 20;

/** Reads one SELECT of a dialect that has no parser of its own here. Anything after it is an error. */
export class QueryParser implements QueryParsing {
  readonly cursor: Cursor;
  readonly parameters: string[] = [];
  windows: ReadonlyMap<string, Window> = new Map();
  depth = 0;
  private queries = 0;

  constructor(sql: string, dialect: Dialect) {
    this.cursor = new Cursor(tokenize(sql, dialect));
  }

  statement(): Query {
    if (!startsQuery(this.cursor) && !this.cursor.isSymbol('('))
      throw new UnreadableSql('it is not a SELECT', 'security_violation', this.cursor.token.at);
    const query = this.query();
    if (this.cursor.isSymbol(';')) throw new UnreadableSql('exactly one statement is expected', 'security_violation', this.cursor.token.at);
    if (this.cursor.token.kind !== 'end') this.refuseRest();
    return query;
  }

  expression(): Expression {
    return parseExpression(this);
  }

  operand(): Expression {
    return parseOperand(this);
  }

  query(): Query {
    if ((this.queries += 1) > maxQueryDepth) throw new UnreadableSql('the statement is nested too deeply', 'security_violation');
    const outer = this.windows;
    try {
      const common = this.cursor.takeWord('with') ? this.commonTables() : [];
      const body = this.union();
      const order = this.cursor.takeWord('order', 'by') ? orderList(this) : [];
      const { limit, offset } = this.limits();
      if (isBare(body)) return { with: common, recursive: false, body: body.body, order, limit, offset };
      // A query in brackets keeps its own order and limit; what follows the brackets is over its rows.
      if (common.length === 0 && order.length === 0 && !limit && !offset) return body;
      return { with: common, recursive: false, body: select(body), order, limit, offset };
    } finally {
      this.windows = outer;
      this.queries -= 1;
    }
  }

  private refuseRest(): never {
    const { cursor } = this;
    const bad = ['into', 'for', 'lock', 'settings', 'format', 'procedure', 'prewhere', 'final', 'sample', 'returning', 'set'].find((word) =>
      cursor.isWord(word),
    );
    if (bad) throw new UnreadableSql(`${bad.toUpperCase()} is not allowed`, 'security_violation', cursor.token.at);
    return cursor.fail('the statement should end here');
  }

  private commonTables(): CommonTable[] {
    const { cursor } = this;
    if (cursor.takeWord('recursive')) throw new UnreadableSql('recursive queries are not allowed', 'security_violation', cursor.token.at);
    const tables: CommonTable[] = [];
    do {
      const name = cursor.name();
      const columns = cursor.isSymbol('(') ? this.nameList() : [];
      cursor.expectWord('as');
      cursor.expectSymbol('(');
      tables.push({ name, columns, query: this.query() });
      cursor.expectSymbol(')');
    } while (cursor.takeSymbol(','));
    return tables;
  }

  private nameList(): string[] {
    const names: string[] = [];
    this.cursor.expectSymbol('(');
    do names.push(this.cursor.name());
    while (this.cursor.takeSymbol(','));
    this.cursor.expectSymbol(')');
    return names;
  }

  private union(): Query {
    let left = this.intersection();
    for (;;) {
      const operator = this.cursor.takeWord('union')
        ? 'union'
        : this.cursor.takeWord('except') || this.cursor.takeWord('minus')
          ? 'except'
          : undefined;
      if (!operator) return left;
      left = this.combined(operator, left, () => this.intersection());
    }
  }

  private intersection(): Query {
    let left = this.term();
    while (this.cursor.takeWord('intersect')) left = this.combined('intersect', left, () => this.term());
    return left;
  }

  private combined(operator: SetOperation['operator'], left: Query, right: () => Query): Query {
    const all = this.cursor.takeWord('all');
    if (!all) this.cursor.takeWord('distinct');
    return plain({ kind: 'set', operator, all, left, right: right() });
  }

  private term(): Query {
    const { cursor } = this;
    if (cursor.takeSymbol('(')) {
      const query = this.query();
      cursor.expectSymbol(')');
      return query;
    }
    if (cursor.takeWord('values')) return plain(this.values());
    cursor.expectWord('select');
    return plain(this.select());
  }

  private values(): Select {
    const rows = this.valueRows();
    return {
      kind: 'select',
      distinct: false,
      distinctOn: [],
      items: [{ expression: { kind: 'star' } }],
      from: { kind: 'values', rows, columns: [] },
      group: [],
    };
  }

  private valueRows(): Expression[][] {
    const rows: Expression[][] = [];
    do {
      this.cursor.expectSymbol('(');
      rows.push(listUntil(this, ')'));
    } while (this.cursor.takeSymbol(','));
    return rows;
  }

  private select(): Select {
    const { cursor } = this;
    const distinct = cursor.takeWord('distinct');
    if (!distinct) cursor.takeWord('all');
    // Windows are named after they are used: the clause is looked for first.
    this.windows = this.namedWindows();
    const items = this.items();
    const from = cursor.takeWord('from') ? this.fromList() : undefined;
    const where = cursor.takeWord('where') ? this.expression() : undefined;
    const { group, groupKind } = this.grouping();
    const having = cursor.takeWord('having') ? this.expression() : undefined;
    if (cursor.takeWord('window')) this.skipWindows();
    const qualify = cursor.takeWord('qualify') ? this.expression() : undefined;
    return { kind: 'select', distinct, distinctOn: [], items, from, where, group, groupKind, having, qualify };
  }

  private items(): SelectItem[] {
    const items: SelectItem[] = [];
    do items.push({ expression: this.expression(), alias: optionalAlias(this.cursor) });
    while (this.cursor.takeSymbol(','));
    return items;
  }

  private grouping(): Pick<Select, 'group' | 'groupKind'> {
    const { cursor } = this;
    if (!cursor.takeWord('group', 'by')) return { group: [] };
    if (cursor.takeWord('all')) return { group: [], groupKind: 'all' };
    const group: Expression[] = [];
    do group.push(this.expression());
    while (cursor.takeSymbol(','));
    return { group };
  }

  private fromList(): FromItem {
    let left = this.joined();
    while (this.cursor.takeSymbol(',')) left = { kind: 'join', type: 'cross', left, right: this.joined(), using: [], natural: false };
    return left;
  }

  private joined(): FromItem {
    const { cursor } = this;
    let left = this.relation();
    for (;;) {
      const { at } = cursor.token;
      const natural = cursor.takeWord('natural');
      const type = this.joinType();
      if (!type) return natural ? cursor.fail('JOIN is expected') : left;
      const right = this.relation();
      const on = cursor.takeWord('on') ? this.expression() : undefined;
      const using = !on && cursor.takeWord('using') ? this.nameList() : [];
      left = { kind: 'join', type, left, right, on, using, natural, at };
    }
  }

  private joinType(): Join['type'] | undefined {
    const { cursor } = this;
    for (const type of ['left', 'right', 'full'] as const) {
      if (cursor.takeWord(type, 'outer', 'join') || cursor.takeWord(type, 'join')) return type;
    }
    if (cursor.takeWord('inner', 'join') || cursor.takeWord('join')) return 'inner';
    return cursor.takeWord('cross', 'join') ? 'cross' : undefined;
  }

  private relation(): FromItem {
    const { cursor } = this;
    const lateral = cursor.takeWord('lateral');
    if (cursor.isSymbol('(')) {
      if (cursor.peek().kind === 'word' && ['select', 'with', 'values'].includes(cursor.peek().text.toLowerCase()))
        return this.subquery(lateral);
      cursor.next();
      const inner = this.fromList();
      cursor.expectSymbol(')');
      return inner;
    }
    const { at, kind, text } = cursor.token;
    if (kind === 'word' && clauseWords.has(text.toLowerCase())) cursor.fail('a table is expected');
    if (kind === 'word' && cursor.isSymbol('(', 1)) return this.tableFunction(at);
    const path = [cursor.name()];
    while (cursor.takeSymbol('.')) path.push(cursor.name());
    if (path.length > 3) cursor.fail('a table is expected');
    const [name, schema, catalog] = [...path].reverse();
    return { kind: 'table', name: name!, schema, catalog, ...this.alias(), at };
  }

  private subquery(lateral: boolean): FromItem {
    this.cursor.expectSymbol('(');
    const query = this.query();
    this.cursor.expectSymbol(')');
    return { kind: 'subquery', query, lateral, ...this.alias() };
  }

  private tableFunction(at: number): FromItem {
    const name = this.cursor.name().toLowerCase();
    this.cursor.expectSymbol('(');
    return { kind: 'function', call: { kind: 'call', name, arguments: listUntil(this, ')'), at }, ...this.alias() };
  }

  private alias(): { alias?: string; columns: string[] } {
    const alias = optionalAlias(this.cursor);
    return { alias, columns: alias !== undefined && this.cursor.isSymbol('(') ? this.nameList() : [] };
  }

  private limits(): Pick<Query, 'limit' | 'offset'> {
    const { cursor } = this;
    if (cursor.takeWord('limit')) {
      const first = this.expression();
      if (cursor.takeSymbol(',')) return { limit: this.expression(), offset: first };
      return { limit: first, offset: cursor.takeWord('offset') ? this.expression() : undefined };
    }
    const offset = cursor.takeWord('offset') ? this.expression() : undefined;
    if (offset && !cursor.takeWord('rows')) cursor.takeWord('row');
    if (offset && cursor.takeWord('limit')) return { limit: this.expression(), offset };
    if (!cursor.takeWord('fetch')) return { limit: undefined, offset };
    if (!cursor.takeWord('first')) cursor.expectWord('next');
    const limit = this.expression();
    if (!cursor.takeWord('rows')) cursor.expectWord('row');
    cursor.expectWord('only');
    return { limit, offset };
  }

  /** Reads the WINDOW clause of this select ahead of its place, and comes back. */
  private namedWindows(): ReadonlyMap<string, Window> {
    const place = this.cursor.mark();
    const found = new Map<string, Window>();
    let depth = 0;
    for (; this.cursor.token.kind !== 'end'; this.cursor.next()) {
      if (this.cursor.isSymbol('(')) depth += 1;
      if (this.cursor.isSymbol(')') && (depth -= 1) < 0) break;
      if (depth === 0 && (this.cursor.isWord('union') || this.cursor.isWord('select'))) break;
      if (depth > 0 || !this.cursor.isWord('window') || this.cursor.peek(2).text.toLowerCase() !== 'as' || !this.cursor.isSymbol('(', 3))
        continue;
      this.cursor.next();
      this.windows = found;
      do {
        const name = this.cursor.name().toLowerCase();
        this.cursor.expectWord('as');
        found.set(name, windowDefinition(this));
      } while (this.cursor.takeSymbol(','));
      break;
    }
    this.cursor.reset(place);
    return found;
  }

  private skipWindows(): void {
    do {
      this.cursor.name();
      this.cursor.expectWord('as');
      windowDefinition(this);
    } while (this.cursor.takeSymbol(','));
  }
}

const plain = (body: Select | SetOperation): Query => ({ with: [], recursive: false, body, order: [] });

const isBare = ({ with: common, order, limit, offset }: Query): boolean => common.length === 0 && order.length === 0 && !limit && !offset;

const select = (query: Query): Select => ({
  kind: 'select',
  distinct: false,
  distinctOn: [],
  items: [{ expression: { kind: 'star' } }],
  from: { kind: 'subquery', query, lateral: false, alias: 'q', columns: [] },
  group: [],
});
