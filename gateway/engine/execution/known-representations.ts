import type { Json } from './json';

/** Where equal representations of one fetch are, so that each is sent once. All are made by one plan. */
export class KnownRepresentations {
  /** By type, those with one field beside it: the usual key, for which no text is put together. */
  private readonly byType = new Map<unknown, { readonly field: string; readonly places: Map<string, number> }>();
  private readonly byText = new Map<string, number>();

  constructor(private readonly isRemote: boolean) {}

  /** The place of an equal one, or `next`, which is then this one's. */
  indexOf(representation: Json, next: number): number {
    const field = onlyField(representation);
    if (field !== undefined) {
      const known = this.byType.get(representation.__typename);
      if (!known) this.byType.set(representation.__typename, { field, places: new Map([[representation[field] as string, next]]) });
      if (!known) return next;
      if (known.field === field) return placeIn(known.places, representation[field] as string, next);
    }
    const text = flatText(representation) ?? (this.isRemote ? JSON.stringify(representation) : undefined);
    return text === undefined ? next : placeIn(this.byText, text, next);
  }
}

function placeIn<Key>(places: Map<Key, number>, key: Key, next: number): number {
  const known = places.get(key);
  if (known !== undefined) return known;
  places.set(key, next);
  return next;
}

/** Undefined where there are several, or one that is no text. */
function onlyField(representation: Json): string | undefined {
  let only: string | undefined;
  for (const name in representation) {
    if (name === '__typename') continue;
    if (only !== undefined || typeof representation[name] !== 'string') return undefined;
    only = name;
  }
  return only;
}

/**
 * Equal for equal representations; undefined where one holds more than plain values. Within a process the text of a nested one costs
 * more than the look-up that it saves.
 */
function flatText(representation: Json): string | undefined {
  let text = '';
  for (const name in representation) {
    const value = representation[name];
    if (typeof value === 'string') text += `${name}"${value.length}:${value}`;
    else if (typeof value === 'object' && value !== null) return undefined;
    else text += `${name}:${String(value)}`;
  }
  return text;
}
