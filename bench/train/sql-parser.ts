/** Parses the SQL of the question sets (SELECT statements of SQLite) into a small syntax tree: enough to see which parts a query has. */
import { lexSql } from './sql-lexer';
import type { SqlToken } from './sql-lexer';

export type Sql =
  | { kind: 'column'; table?: string; name: string; quoted: boolean }
  | { kind: 'star'; table?: string }
  | { kind: 'literal'; value: string | number | null }
  | { kind: 'call'; name: string; distinct: boolean; args: Sql[] }
  | { kind: 'binary'; operator: string; left: Sql; right: Sql; negated: boolean }
  | { kind: 'between'; of: Sql; low: Sql; high: Sql; negated: boolean }
  | { kind: 'in'; of: Sql; list: Sql[]; negated: boolean }
  | { kind: 'exists'; query: Select; negated: boolean }
  | { kind: 'not'; of: Sql }
  | { kind: 'null'; of: Sql; negated: boolean }
  | { kind: 'query'; query: Select }
  | { kind: 'case'; parts: Sql[] };

export interface Source {
  table?: string;
  query?: Select;
  alias: string;
  on?: Sql;
}

export interface Select {
  distinct: boolean;
  items: { expression: Sql; alias?: string }[];
  from: Source[];
  where?: Sql;
  group: Sql[];
  having?: Sql;
  order: { expression: Sql; descending: boolean }[];
  limit?: number;
  set?: { operator: 'union' | 'intersect' | 'except'; right: Select };
}

const reserved = new Set([
  'select',
  'from',
  'where',
  'group',
  'having',
  'order',
  'limit',
  'union',
  'intersect',
  'except',
  'join',
  'on',
  'as',
  'inner',
  'left',
  'outer',
  'cross',
  'natural',
  'and',
  'or',
  'not',
  'between',
  'in',
  'like',
  'is',
  'asc',
  'desc',
  'by',
  'offset',
  'using',
  'when',
  'then',
  'else',
  'end',
  'nulls',
  'collate',
]);

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly SqlToken[]) {}

  private is(text: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && token.text.toLowerCase() === text;
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  private need(text: string): void {
    if (!this.take(text)) throw new SyntaxError(`Expected ${text}, found ${this.tokens[this.at]?.text ?? 'the end'}`);
  }

  private name(): { text: string; quoted: boolean } {
    const token = this.tokens[this.at];
    if (!token || !['word', 'quoted', 'string'].includes(token.kind))
      throw new SyntaxError(`Expected a name, found ${token?.text ?? 'the end'}`);
    this.at += 1;
    return { text: token.text, quoted: token.kind !== 'word' };
  }

  statement(): Select {
    const query = this.query();
    this.take(';');
    if (this.at < this.tokens.length) throw new SyntaxError(`Unexpected ${this.tokens[this.at]!.text}`);
    return query;
  }

  private query(): Select {
    const left = this.is('(') && this.is('select', 1) ? this.parenthesised() : this.select();
    for (const operator of ['union', 'intersect', 'except'] as const) {
      if (!this.take(operator)) continue;
      this.take('all');
      return { ...left, set: { operator, right: this.query() } };
    }
    return left;
  }

  private parenthesised(): Select {
    this.need('(');
    const query = this.query();
    this.need(')');
    return query;
  }

  private select(): Select {
    this.need('select');
    const select: Select = { distinct: this.take('distinct'), items: [], from: [], group: [], order: [] };
    this.take('all');
    do {
      const expression = this.expression();
      select.items.push({ expression, ...this.alias() });
    } while (this.take(','));
    if (this.take('from')) this.from(select);
    if (this.take('where')) select.where = this.expression();
    if (this.take('group')) {
      this.need('by');
      do select.group.push(this.expression());
      while (this.take(','));
    }
    if (this.take('having')) select.having = this.expression();
    if (this.take('order')) {
      this.need('by');
      do {
        const expression = this.expression();
        const descending = this.take('desc');
        if (!descending) this.take('asc');
        if (this.take('nulls')) this.at += 1;
        select.order.push({ expression, descending });
      } while (this.take(','));
    }
    if (this.take('limit')) {
      select.limit = Number(this.tokens[this.at]?.text);
      this.at += 1;
      if (this.take('offset') || this.take(',')) this.at += 1;
    }
    return select;
  }

  private alias(): { alias?: string } {
    if (this.take('as')) return { alias: this.name().text };
    const token = this.tokens[this.at];
    if (token && (token.kind === 'quoted' || (token.kind === 'word' && !reserved.has(token.text.toLowerCase()))))
      return { alias: this.name().text };
    return {};
  }

  private from(select: Select): void {
    select.from.push(this.source());
    for (;;) {
      if (this.take(',')) select.from.push(this.source());
      else {
        const start = this.at;
        for (const word of ['natural', 'left', 'inner', 'cross', 'outer']) this.take(word);
        if (!this.take('join')) {
          this.at = start;
          return;
        }
        const source = this.source();
        if (this.take('on')) source.on = this.expression();
        else if (this.take('using')) this.expression();
        select.from.push(source);
      }
    }
  }

  private source(): Source {
    if (this.is('(')) {
      const query = this.parenthesised();
      return { query, alias: this.alias().alias ?? '' };
    }
    let table = this.name().text;
    if (this.take('.')) table = this.name().text;
    return { table, alias: this.alias().alias ?? table };
  }

  expression(): Sql {
    let left = this.conjunction();
    while (this.take('or')) left = { kind: 'binary', operator: 'or', left, right: this.conjunction(), negated: false };
    return left;
  }

  private conjunction(): Sql {
    let left = this.negation();
    while (this.take('and')) left = { kind: 'binary', operator: 'and', left, right: this.negation(), negated: false };
    return left;
  }

  private negation(): Sql {
    if (this.is('not') && !this.is('exists', 1)) {
      this.at += 1;
      return { kind: 'not', of: this.negation() };
    }
    return this.comparison();
  }

  private comparison(): Sql {
    const left = this.sum();
    if (this.take('is')) {
      const negated = this.take('not');
      this.need('null');
      return { kind: 'null', of: left, negated };
    }
    const negated = this.take('not');
    if (this.take('between')) {
      const low = this.sum();
      this.need('and');
      return { kind: 'between', of: left, low, high: this.sum(), negated };
    }
    if (this.take('in')) {
      if (this.is('(') && this.is('select', 1))
        return { kind: 'in', of: left, list: [{ kind: 'query', query: this.parenthesised() }], negated };
      this.need('(');
      const list: Sql[] = [];
      do list.push(this.sum());
      while (this.take(','));
      this.need(')');
      return { kind: 'in', of: left, list, negated };
    }
    for (const operator of ['like', '=', '!=', '<=', '>=', '<', '>']) {
      if (!this.take(operator)) continue;
      const right = this.sum();
      if (this.take('escape')) this.at += 1;
      if (this.take('collate')) this.at += 1;
      return { kind: 'binary', operator, left, right, negated };
    }
    return left;
  }

  private sum(): Sql {
    let left = this.product();
    for (;;) {
      const operator = ['+', '-', '||'].find((text) => this.take(text));
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.product(), negated: false };
    }
  }

  private product(): Sql {
    let left = this.atom();
    for (;;) {
      const operator = ['*', '/', '%'].find((text) => this.take(text));
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.atom(), negated: false };
    }
  }

  private atom(): Sql {
    const token = this.tokens[this.at];
    if (!token) throw new SyntaxError('Unexpected end');
    if (this.is('(')) {
      if (this.is('select', 1)) return { kind: 'query', query: this.parenthesised() };
      this.need('(');
      const inner = this.expression();
      this.need(')');
      return inner;
    }
    if (this.take('*')) return { kind: 'star' };
    if (this.take('-')) {
      const value = this.atom();
      return value.kind === 'literal' ? { kind: 'literal', value: -Number(value.value) } : value;
    }
    if (token.kind === 'number') {
      this.at += 1;
      return { kind: 'literal', value: Number(token.text) };
    }
    if (token.kind === 'string') {
      this.at += 1;
      return { kind: 'literal', value: token.text };
    }
    if (this.take('null')) return { kind: 'literal', value: null };
    if (this.is('exists') || (this.is('not') && this.is('exists', 1))) {
      const negated = this.take('not');
      this.need('exists');
      return { kind: 'exists', query: this.parenthesised(), negated };
    }
    if (this.take('case')) return this.caseWhen();
    const { text, quoted } = this.name();
    if (!quoted && this.take('(')) return this.call(text);
    if (!this.take('.')) return { kind: 'column', name: text, quoted };
    if (this.take('*')) return { kind: 'star', table: text };
    return { kind: 'column', table: text, name: this.name().text, quoted: false };
  }

  private call(name: string): Sql {
    const distinct = this.take('distinct');
    const args: Sql[] = [];
    if (!this.is(')')) {
      do {
        args.push(this.expression());
        if (this.take('as')) this.name();
      } while (this.take(','));
    }
    this.need(')');
    if (this.take('over')) {
      let depth = 0;
      do {
        if (this.is('(')) depth += 1;
        if (this.is(')')) depth -= 1;
        this.at += 1;
      } while (depth > 0);
    }
    return { kind: 'call', name: name.toLowerCase(), distinct, args };
  }

  private caseWhen(): Sql {
    const parts: Sql[] = [];
    if (!this.is('when')) parts.push(this.expression());
    while (this.take('when')) {
      parts.push(this.expression());
      this.need('then');
      parts.push(this.expression());
    }
    if (this.take('else')) parts.push(this.expression());
    this.need('end');
    return { kind: 'case', parts };
  }
}

export const parseSql = (sql: string): Select => new Parser(lexSql(sql)).statement();
