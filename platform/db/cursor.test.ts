import fc from 'fast-check';

import { decodeCursor, encodeCursor, newId } from '#platform/db';

const refusal = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

describe('a cursor', () => {
  const keys = fc.array(
    fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0 || 0),
    ),
    { maxLength: 4 },
  );

  it('gives back its keys in the list that made it', () => {
    fc.assert(fc.property(keys, fc.string(), (given, scope) => expect(decodeCursor(encodeCursor(given, scope), scope)).toEqual(given)));
  });

  it('is INVALID_REQUEST in another list or tenant', () => {
    fc.assert(
      fc.property(keys, fc.string(), fc.string(), (given, scope, other) => {
        fc.pre(scope !== other);
        expect(refusal(() => decodeCursor(encodeCursor(given, scope), other))).toHaveCode('INVALID_REQUEST');
      }),
    );
  });

  it('is INVALID_REQUEST when a character of it was changed, added or removed', () => {
    fc.assert(
      fc.property(keys, fc.nat(), fc.constantFrom('A', 'z', '_', '', '=='), (given, position, character) => {
        const cursor = encodeCursor(given, 'list:acme');
        const at = position % cursor.length;
        const changed = cursor.slice(0, at) + character + cursor.slice(at + 1);
        fc.pre(changed !== cursor);
        expect(refusal(() => decodeCursor(changed, 'list:acme'))).toHaveCode('INVALID_REQUEST');
      }),
    );
  });

  it('is INVALID_REQUEST for anything else', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(refusal(() => decodeCursor(text, 'list:acme'))).toHaveCode('INVALID_REQUEST')));
  });
});

describe('an id', () => {
  it('is new each time, sorts in the order of making and has one form', () => {
    const ids = Array.from({ length: 20_000 }, () => newId('dash'));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.filter((id) => !/^dash-[0-9a-hjkmnp-tv-z]{26}$/.test(id))).toEqual([]);
  });
});
