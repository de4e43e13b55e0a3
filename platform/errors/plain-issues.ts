import { z } from 'zod';

import { nearestName } from './nearest-name';

type Issue = z.core.$ZodRawIssue;

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a date',
  null: 'null',
};
const formats: Readonly<Record<string, string>> = {
  url: 'a URL, with its scheme',
  email: 'an e-mail address',
  datetime: 'a time such as 2026-01-31T12:00:00Z',
  date: 'a date such as 2026-01-31',
  time: 'a time of day such as 12:30:00',
  uuid: 'a UUID',
  base64: 'base64',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
};
const units: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries', map: 'entries', file: 'bytes' };

const bound = ({ origin }: { origin: string }, limit: number | bigint, word: 'at least' | 'at most' | 'above' | 'below'): string =>
  origin in units ? `it must have ${word} ${limit} ${units[origin]!}` : `it must be ${word} ${limit}`;

const told = (values: readonly unknown[]): string => values.map((value) => String(value)).join(', ');

/** What is wrong with an input, as the end of the sentence "… is not valid: …": it says what would be right. */
function inPlainWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return 'it is missing';
      return `it must be ${kinds[issue.expected] ?? issue.expected}`;
    }
    case 'too_small':
      return bound(issue, issue.minimum, issue.inclusive ? 'at least' : 'above');
    case 'too_big':
      return bound(issue, issue.maximum, issue.inclusive ? 'at most' : 'below');
    case 'not_multiple_of':
      return `it must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format in formats ? `it must be ${formats[issue.format]!}` : undefined;
    case 'invalid_value': {
      if (issue.values.length === 1) return `it must be ${String(issue.values[0])}`;
      const near = typeof issue.input === 'string' ? nearestName(issue.input, issue.values.map(String)) : undefined;
      return `it must be one of ${told(issue.values)}${near ? `; did you mean ${near}?` : ''}`;
    }
    case 'unrecognized_keys':
      return `it has no field ${told(issue.keys)}`;
    case 'invalid_union':
      return ofUnion(issue);
    default:
      return undefined;
  }
}

/** Each branch's own complaint, once: "it must be text, or it must be a number". */
function ofUnion({ errors, options, discriminator }: Issue & { code: 'invalid_union' }): string | undefined {
  if (errors.length === 0) return options ? `its ${String(discriminator)} must be one of ${told(options as unknown[])}` : undefined;
  const complaints = errors.map(([first]) => {
    const place = first!.path.join('.');
    return place ? `${place}: ${first!.message}` : first!.message;
  });
  return [...new Set(complaints)].join(', or ');
}

/** From here on whatever zod refuses without a message of its own is told in these words, in every domain. */
export function speakPlainly(): void {
  z.config({ customError: inPlainWords });
}
