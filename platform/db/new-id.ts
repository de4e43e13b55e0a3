import { randomBytes } from 'node:crypto';

// Crockford's base 32 without i, l, o, u: sorts like the number it stands for.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

const encode = (value: bigint, length: number): string => {
  let text = '';
  for (let rest = value, place = 0; place < length; place += 1, rest >>= 5n) text = alphabet[Number(rest & 31n)]! + text;
  return text;
};

const lastId = { time: 0, random: 0n };

/**
 * A new id: `dash-01j9z3…`, 48 bits of time and 80 random bits (the ULID layout), so that ids of one process sort in the order they
 * were made. Opaque to callers.
 */
export function newId(prefix: string): string {
  const now = Date.now();
  if (now > lastId.time) {
    lastId.time = now;
    lastId.random = BigInt(`0x${randomBytes(10).toString('hex')}`) >> 1n;
  } else {
    lastId.random += 1n + BigInt(randomBytes(2).readUInt16BE());
  }
  return `${prefix}-${encode(BigInt(lastId.time), 10)}${encode(lastId.random, 16)}`;
}
