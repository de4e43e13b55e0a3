const separator = '\n→ ';

/** An exchange as it is kept: people read it as it stands. */
export const exchangeText = (input: string, content: string): string => `${input}${separator}${content}`;

export function exchangeOf(text: string): { readonly input: string; readonly content: string } | null {
  const at = text.indexOf(separator);
  return at < 0 ? null : { input: text.slice(0, at), content: text.slice(at + separator.length) };
}
