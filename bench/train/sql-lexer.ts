export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  readonly text: string;
}

const TOKEN =
  /\s+|--[^\n]*|("(?:[^"]|"")*"|`[^`]*`|\[[A-Za-z_][^\]]*\])|('(?:[^']|'')*')|(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][\w$]*)|(<>|!=|<=|>=|\|\||[-+*/%(),.;=<>])/gy;

export const lexSql = (sql: string): SqlToken[] => {
  const tokens: SqlToken[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < sql.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(sql);
    if (!match) throw new SyntaxError(`Unexpected ${JSON.stringify(sql.slice(at, at + 12))}`);
    const [, quoted, string, number, word, symbol] = match;
    if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.slice(1, -1).replaceAll('""', '"') });
    else if (string !== undefined) tokens.push({ kind: 'string', text: string.slice(1, -1).replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol === '<>' ? '!=' : symbol });
  }
  return tokens;
};
