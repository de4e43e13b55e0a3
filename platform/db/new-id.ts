import { randomFillSync } from 'node:crypto';

// Crockford's base 32 without i, l, o, u: sorts like the number it stands for.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ten bits as two characters. */
const pairs = Array.from({ length: 1_024 }, (_, bits) => alphabet[bits >> 5]! + alphabet[bits & 31]!);

const twentyBits = (bits: number): string => pairs[bits >>> 10]! + pairs[bits & 1_023]!;

/** 48 bits as ten characters. */
const encodeTime = (ms: number): string => pairs[Math.floor(ms / 2 ** 40)]! + twentyBits(Math.floor(ms / 2 ** 20) & 0xfffff) + twentyBits(ms & 0xfffff); // prettier-ignore

// Drawn many at once: a call for two bytes costs more than the rest of an id.
const drawn = new Uint32Array(256);
let next = drawn.length;

function random32(): number {
  if (next === drawn.length) {
    randomFillSync(drawn);
    next = 0;
  }
  return drawn[next++]!;
}

/** The time of the last id in milliseconds, its characters, and its random number of 80 bits, the highest first. */
const last = { time: 0, text: '', random: [0, 0, 0, 0] };

/**
 * A new id: `dash-01j9z3…`, 48 bits of time and 80 random bits (the ULID layout), so that ids of one process sort in the order they
 * were made. Opaque to callers.
 */
export function newId(prefix: string): string {
  const now = Date.now();
  const { random } = last;
  if (now > last.time) {
    last.time = now;
    last.text = encodeTime(now);
    // The highest bit is left free for what is added within the millisecond.
    for (let part = 0; part < 4; part += 1) random[part] = random32() >>> (part === 0 ? 13 : 12);
  } else {
    let carried = 1 + (random32() >>> 16);
    for (let part = 3; carried > 0; part -= 1) {
      const sum = random[part]! + carried;
      random[part] = sum & 0xfffff;
      carried = sum >>> 20;
    }
  }
  const [first, second, third, fourth] = random as [number, number, number, number];
  return `${prefix}-${last.text}${twentyBits(first)}${twentyBits(second)}${twentyBits(third)}${twentyBits(fourth)}`;
}
