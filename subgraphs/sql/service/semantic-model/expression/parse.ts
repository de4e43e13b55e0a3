/**
 * The expression language of semantic models:
 *   or := and ('or' and)*     and := not ('and' not)*     not := 'not' not | test
 *   test := sum (('=' | '!=' | '<' | …) sum | ['not'] 'in' (list | name) | ['not'] 'like' text | 'is' ['not'] 'null')?
 *   sum := product (('+' | '-') product)*     product := atom (('*' | '/') atom)*
 *   atom := number | text | name | fn '(' ['distinct'] (or | '*') ['where' or] ')' | '(' or ')'
 */
import { ExpressionError, lex, type Piece } from './lexer';
import type { Syntax } from './syntax';

export function parseExpression(source: string): Syntax {
  const parser = new Parser(source, lex(source));
  const result = parser.or();
  parser.end();
  return result;
}

const comparisons = new Set(['=', '!=', '<', '<=', '>', '>=']);

class Parser {
  #position = 0;

  constructor(
    private readonly source: string,
    private readonly pieces: readonly Piece[],
  ) {}

  or(): Syntax {
    const parts = [this.#and()];
    while (this.#word('or')) parts.push(this.#and());
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }

  end(): void {
    if (this.#peek().kind !== 'end') this.#fail(`unexpected "${this.#peek().text}"`);
  }

  #and(): Syntax {
    const parts = [this.#not()];
    while (this.#word('and')) parts.push(this.#not());
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }

  #not(): Syntax {
    return this.#word('not') ? { kind: 'not', part: this.#not() } : this.#test();
  }

  #test(): Syntax {
    const left = this.#sum();
    const piece = this.#peek();
    if (piece.kind === 'symbol' && comparisons.has(piece.text)) {
      this.#position += 1;
      return { kind: 'compare', operator: piece.text as '=', left, right: this.#sum() };
    }
    if (this.#word('is')) {
      const negated = this.#word('not');
      if (!this.#word('null')) this.#fail('"is" is followed by "null" or "not null"');
      return { kind: 'null', of: left, negated };
    }
    const negated = this.#word('not');
    if (this.#word('in')) return { kind: 'in', of: left, values: this.#list(), negated };
    if (this.#word('like')) {
      const pattern = this.#next();
      if (pattern.kind !== 'text') this.#fail('"like" is followed by a quoted pattern');
      return { kind: 'like', of: left, pattern: pattern.text, negated };
    }
    if (negated) this.#fail('"not" is followed by "in" or "like"');
    return left;
  }

  #list(): Syntax[] {
    if (!this.#symbol('(')) return [this.#atom()];
    const values = [this.#sum()];
    while (this.#symbol(',')) values.push(this.#sum());
    this.#expect(')');
    return values;
  }

  #sum(): Syntax {
    let left = this.#product();
    for (;;) {
      const operator = this.#symbol('+') ? '+' : this.#symbol('-') ? '-' : undefined;
      if (!operator) return left;
      left = { kind: 'arithmetic', operator, left, right: this.#product() };
    }
  }

  #product(): Syntax {
    let left = this.#atom();
    for (;;) {
      const operator = this.#symbol('*') ? '*' : this.#symbol('/') ? '/' : undefined;
      if (!operator) return left;
      left = { kind: 'arithmetic', operator, left, right: this.#atom() };
    }
  }

  #atom(): Syntax {
    const piece = this.#next();
    if (piece.kind === 'number') return { kind: 'number', value: Number(piece.text) };
    if (piece.kind === 'text') return { kind: 'text', value: piece.text };
    if (piece.kind === 'symbol' && piece.text === '-')
      return { kind: 'arithmetic', operator: '-', left: { kind: 'number', value: 0 }, right: this.#atom() };
    if (piece.kind === 'symbol' && piece.text === '(') {
      const inner = this.or();
      this.#expect(')');
      return inner;
    }
    if (piece.kind !== 'name') this.#fail(piece.kind === 'end' ? 'something is missing' : `unexpected "${piece.text}"`, piece);
    const constant = { true: true, false: false, null: null }[piece.text.toLowerCase()];
    if (constant !== undefined) return { kind: 'constant', value: constant };
    return this.#symbol('(') ? this.#call(piece) : { kind: 'name', path: piece.text, at: piece.at };
  }

  #call(name: Piece): Syntax {
    const fn = name.text.toLowerCase();
    const distinct = this.#word('distinct');
    const argument = this.#symbol('*') || this.#peek().text === ')' ? null : this.or();
    const where = this.#word('where') ? this.or() : undefined;
    this.#expect(')');
    return { kind: 'call', fn, distinct, argument, at: name.at, ...(where ? { where } : {}) };
  }

  #peek(): Piece {
    return this.pieces[this.#position]!;
  }

  #next(): Piece {
    const piece = this.#peek();
    if (piece.kind !== 'end') this.#position += 1;
    return piece;
  }

  #word(word: string): boolean {
    const piece = this.#peek();
    if (piece.kind !== 'name' || piece.text.toLowerCase() !== word) return false;
    this.#position += 1;
    return true;
  }

  #symbol(symbol: string): boolean {
    const piece = this.#peek();
    if (piece.kind !== 'symbol' || piece.text !== symbol) return false;
    this.#position += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#symbol(symbol)) this.#fail(`"${symbol}" is missing`);
  }

  #fail(reason: string, piece: Piece = this.#peek()): never {
    throw new ExpressionError(this.source, piece.at, reason);
  }
}
