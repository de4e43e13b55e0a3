import { UnreadableSql } from '../ir';
import type { Token } from './lexer';

/** Walks over tokens. Words are compared without case; quoted names are never keywords. */
export class Cursor {
  private index = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** A place to come back to. */
  mark(): number {
    return this.index;
  }

  reset(place: number): void {
    this.index = place;
  }

  get token(): Token {
    return this.tokens[this.index]!;
  }

  peek(ahead = 1): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)]!;
  }

  isWord(...words: readonly string[]): boolean {
    return words.every((word, offset) => this.peek(offset).kind === 'word' && this.peek(offset).text.toLowerCase() === word);
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    return this.peek(ahead).kind === 'symbol' && this.peek(ahead).text === symbol;
  }

  takeWord(...words: readonly string[]): boolean {
    if (!this.isWord(...words)) return false;
    this.index += words.length;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.index += 1;
    return true;
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.index += 1;
    return token;
  }

  expectWord(...words: readonly string[]): void {
    if (!this.takeWord(...words)) this.fail(`${words.join(' ').toUpperCase()} is expected`);
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(`${symbol} is expected`);
  }

  /** A name, quoted or not. */
  name(): string {
    if (this.token.kind !== 'word' && this.token.kind !== 'name') this.fail('a name is expected');
    return this.next().text;
  }

  fail(message: string): never {
    const near = this.token.kind === 'end' ? 'at the end' : `near "${this.token.text.slice(0, 40)}"`;
    throw new UnreadableSql(`${message} ${near}`, 'syntax_error', this.token.at);
  }
}
