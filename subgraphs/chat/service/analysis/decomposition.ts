import { toNumber } from '#platform/charts';

export interface ChangePart {
  readonly label: string;
  readonly before: number;
  readonly after: number;
  readonly change: number;
  /** Part of the whole change; null where the whole did not change. */
  readonly share: number | null;
}

export interface Decomposition {
  readonly before: number;
  readonly after: number;
  readonly change: number;
  /** Largest change first. */
  readonly parts: readonly ChangePart[];
  /** How unevenly the change is spread over the parts, 0–1: a dimension that explains a change has a few parts that carry it. */
  readonly explains: number;
}

/** Values of one dimension in one period, as the query gave them: exact numbers may come as text. */
export type Breakdown = ReadonlyMap<string, unknown>;

/** Decimal digits after the point that are kept exactly. */
const digits = 6;

// Adding floats in another order gives another sum; integers of 10⁻⁶ do not.
function exact(value: unknown): bigint {
  const text = typeof value === 'number' && Number.isInteger(value) ? String(BigInt(value)) : String(value ?? 0);
  const plain = /^-?\d+(\.\d+)?$/.test(text) ? text : (toNumber(value) ?? 0).toFixed(digits);
  const [whole = '0', fraction = ''] = plain.replace('-', '').split('.');
  const rounded =
    BigInt(whole) * 10n ** BigInt(digits) +
    BigInt((fraction + '0'.repeat(digits)).slice(0, digits)) +
    (fraction.charAt(digits) >= '5' ? 1n : 0n);
  return plain.startsWith('-') ? -rounded : rounded;
}

const toFloat = (scaled: bigint): number => Number(scaled) / 10 ** digits;

const total = (breakdown: Breakdown): bigint => [...breakdown.values()].reduce<bigint>((sum, value) => sum + exact(value), 0n);

/** True where the parts add up to the whole within the rounding of `digits` decimals a part (or of the float that carried them). */
export function addsUp(breakdown: Breakdown, whole: unknown): boolean {
  const expected = exact(whole);
  const difference = total(breakdown) - expected;
  const magnitude = difference < 0n ? -difference : difference;
  const size = expected < 0n ? -expected : expected;
  return magnitude <= BigInt(breakdown.size) + size / 1_000_000_000n;
}

/** Splits a change of a sum or count over the values of one dimension: the parts' changes add up to the whole change exactly. */
export function decompose(before: Breakdown, after: Breakdown): Decomposition {
  const labels = [...new Set([...before.keys(), ...after.keys()])];
  const [start, end] = [total(before), total(after)];
  const change = end - start;
  const scaled = labels.map((label) => ({ label, before: exact(before.get(label)), after: exact(after.get(label)) }));
  const parts = scaled
    .map((part) => ({ ...part, change: part.after - part.before }))
    .sort((a, b) =>
      absolute(b.change) > absolute(a.change) ? 1 : absolute(b.change) < absolute(a.change) ? -1 : a.label < b.label ? -1 : 1,
    )
    .map((part) => ({
      label: part.label,
      before: toFloat(part.before),
      after: toFloat(part.after),
      change: toFloat(part.change),
      share: change === 0n ? null : Number(part.change) / Number(change),
    }));
  return { before: toFloat(start), after: toFloat(end), change: toFloat(change), parts, explains: unevenness(parts, toFloat(start)) };
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/**
 * Half the total variation distance between how the change is spread and how the start was spread: 0 where every part moved in
 * proportion, near 1 where a small part moved everything.
 */
function unevenness(parts: readonly ChangePart[], before: number): number {
  const moved = parts.reduce((sum, part) => sum + Math.abs(part.change), 0);
  if (moved === 0 || parts.length < 2) return 0;
  const distance = parts.reduce(
    (sum, part) => sum + Math.abs(Math.abs(part.change) / moved - (before === 0 ? 1 / parts.length : Math.abs(part.before / before))),
    0,
  );
  return Math.min(1, distance / 2);
}
