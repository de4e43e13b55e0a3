export const personalKinds = ['email', 'phone', 'card', 'iban', 'ssn', 'ip'] as const;
export type PersonalKind = (typeof personalKinds)[number];

export interface PersonalData {
  readonly kind: PersonalKind;
  readonly start: number;
  readonly end: number;
}

interface Recogniser {
  readonly kind: PersonalKind;
  readonly pattern: RegExp;
  /** What a pattern cannot tell: check digits, ranges. */
  readonly isReal: (text: string) => boolean;
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** ISO/IEC 7812-1: the Luhn check of card numbers. */
export function passesLuhn(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length < 13 || digits.length > 19 || /^(\d)\1+$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 13616: an IBAN read as a number with its first four characters moved to the end is 1 modulo 97. */
export function passesIban(text: string): boolean {
  const compact = text.replace(/\s/g, '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact)) return false;
  const moved = compact.slice(4) + compact.slice(0, 4);
  let remainder = 0;
  for (const character of moved) {
    const value = /\d/.test(character) ? character : String(character.charCodeAt(0) - 55);
    for (const digit of value) remainder = (remainder * 10 + Number(digit)) % 97;
  }
  return remainder === 1;
}

/** Numbers that the Social Security Administration never gives out. */
function isGivenSsn(text: string): boolean {
  const [area, group, serial] = text.split('-');
  return area !== '000' && area !== '666' && !area!.startsWith('9') && group !== '00' && serial !== '0000';
}

/**
 * E.164 has at most 15 digits. Without a country code or brackets ten digits in groups of one and the same separator are taken for a
 * number to call; decimals, dates and lists of years are not.
 */
function isPhone(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length > 15 || /^(\d)\1+$/.test(digits)) return false;
  if (/^[+(]/.test(text)) return digits.length >= 8;
  const groups = text.split(/[ .-]/);
  const separators = new Set(text.replace(/\d/g, ''));
  if (/^\d{4}-\d{2}-\d{2}/.test(text) || groups.every((group) => /^(?:19|20)\d\d$/.test(group))) return false;
  return digits.length >= 10 && separators.size === 1 && groups.length >= 3;
}

const isIpv4 = (text: string): boolean => text.split('.').every((part) => Number(part) <= 255 && String(Number(part)) === part);

// In this order: the first to recognise a stretch of text keeps it.
const recognisers: readonly Recogniser[] = [
  { kind: 'email', pattern: /[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}/g, isReal: () => true },
  { kind: 'iban', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, isReal: passesIban },
  { kind: 'card', pattern: /\b\d(?:[ -]?\d){12,18}\b/g, isReal: passesLuhn },
  { kind: 'ssn', pattern: /\b\d{3}-\d{2}-\d{4}\b/g, isReal: isGivenSsn },
  { kind: 'ip', pattern: /(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])/g, isReal: isIpv4 },
  { kind: 'ip', pattern: /(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])/gi, isReal: () => true },
  {
    kind: 'phone',
    pattern: /(?<![\w.+-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\)[ .-]?)?\d{2,8}(?:[ .-]\d{2,8}){1,4}(?![\w-])|(?<![\w.])\+\d{8,15}\b/g,
    isReal: isPhone,
  },
];

/** Personal data in a text, in order, without overlaps. Shapes alone do not count: check digits and ranges are verified. */
export function findPersonalData(text: string, kinds: readonly PersonalKind[] = personalKinds): readonly PersonalData[] {
  const found: PersonalData[] = [];
  for (const { kind, pattern, isReal } of recognisers) {
    if (!kinds.includes(kind)) continue;
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (isReal(match[0]) && !found.some((other) => start < other.end && other.start < end)) found.push({ kind, start, end });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

export function redact(text: string, found: readonly PersonalData[]): string {
  let result = '';
  let position = 0;
  for (const { kind, start, end } of found) {
    result += `${text.slice(position, start)}[${kind}]`;
    position = end;
  }
  return result + text.slice(position);
}
