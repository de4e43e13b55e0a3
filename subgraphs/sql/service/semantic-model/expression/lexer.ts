export interface Piece {
  kind: 'name' | 'number' | 'text' | 'symbol' | 'end';
  text: string;
  at: number;
}

const PIECE =
  /\s*(?:([A-Za-z_][\w]*(?:\s*\.\s*[A-Za-z_][\w]*)*)|"([^"]+)"(?:\s*\.\s*"([^"]+)")?|(\d+(?:\.\d+)?)|'((?:[^']|'')*)'|(<=|>=|!=|<>|[-+*/(),=<>]))/y;

/** A formula cut into names (`orders.status`), numbers, quoted text and symbols. */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = [];
  PIECE.lastIndex = 0;
  let at = 0;
  while (source.slice(at).trim() !== '') {
    PIECE.lastIndex = at;
    const match = PIECE.exec(source);
    if (!match) throw new ExpressionError(source, at, `unexpected "${source.slice(at).trim()[0]!}"`);
    const [, name, quoted, quotedColumn, number, text, symbol] = match;
    if (name !== undefined) pieces.push({ kind: 'name', text: name.replace(/\s+/g, ''), at });
    else if (quoted !== undefined) pieces.push({ kind: 'name', text: quotedColumn ? `${quoted}.${quotedColumn}` : quoted, at });
    else if (number !== undefined) pieces.push({ kind: 'number', text: number, at });
    else if (text !== undefined) pieces.push({ kind: 'text', text: text.replace(/''/g, "'"), at });
    else pieces.push({ kind: 'symbol', text: symbol === '<>' ? '!=' : symbol!, at });
    at = PIECE.lastIndex;
  }
  pieces.push({ kind: 'end', text: '', at: source.length });
  return pieces;
}

export class ExpressionError extends Error {
  constructor(
    readonly source: string,
    readonly at: number,
    readonly reason: string,
  ) {
    super(`${reason} at position ${at + 1} of "${source}"`);
    this.name = 'ExpressionError';
  }
}
