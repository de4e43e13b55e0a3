/** An object of a subgraph's answer. */
export type Json = { [key: string]: unknown };

export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `__proto__` as a key would change the prototype instead of adding a member. */
export const isSafeKey = (key: string): boolean => key !== '__proto__';

/** Adds what a later fetch has learned to what is known. Takes ownership of `source`: its parts become parts of `target`. */
export function mergeInto(target: Json, source: Json): void {
  for (const key in source) {
    const added = source[key];
    if (added === undefined || !isSafeKey(key)) continue;
    const known = target[key];
    if (isJson(added) && isJson(known)) mergeInto(known, added);
    else if (Array.isArray(added) && Array.isArray(known) && added.length === known.length) mergeLists(known, added);
    else target[key] = added;
  }
}

function mergeLists(target: unknown[], source: readonly unknown[]): void {
  for (let index = 0; index < source.length; index += 1) {
    const known = target[index];
    const added = source[index];
    if (isJson(added) && isJson(known)) mergeInto(known, added);
    else if (Array.isArray(added) && Array.isArray(known) && added.length === known.length) mergeLists(known, added);
    else target[index] = added;
  }
}

/** A copy that shares nothing, for an answer that is used at two places. */
export function copyJson<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copyJson) as Value;
  if (!isJson(value)) return value;
  const copy: Json = {};
  for (const key in value) if (isSafeKey(key)) copy[key] = copyJson(value[key]);
  return copy as Value;
}

/** `mergeInto` of a source that stays as it is, for what is used at another place too. */
export function mergeCopyInto(target: Json, source: Json): void {
  for (const key in source) {
    const added = source[key];
    if (typeof added !== 'object' || added === null) {
      if (added !== undefined && isSafeKey(key)) target[key] = added;
    } else mergeInto(target, { [key]: copyJson(added) });
  }
}
