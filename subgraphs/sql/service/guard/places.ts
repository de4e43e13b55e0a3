import { isAscii } from 'node:buffer';

/** Parsers count bytes, this service counts characters. Answers a reviver that turns the one into the other under `key`. */
export function placesInCharacters(sql: string, key: string): ((this: unknown, name: string, value: unknown) => unknown) | undefined {
  const bytes = Buffer.from(sql);
  if (isAscii(bytes)) return undefined;
  return (name, value) =>
    name === key && typeof value === 'number' && value >= 0 && value <= bytes.length ? bytes.subarray(0, value).toString().length : value;
}
