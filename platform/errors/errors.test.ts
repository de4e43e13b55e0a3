import { readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { projectRoot } from '#platform/lifecycle';

import { AppError, catalogue, errors, nearestName, toPublicError } from './index';

describe('what a caller sees of a failure', () => {
  it('is the code, the filled message, field and details of an error of the catalogue', () => {
    const error = errors.INVALID_REQUEST({ what: 'limit', hint: 'it must be 1 to 100' }, { field: 'limit', details: { maximum: 100 } });
    expect(toPublicError(error)).toEqual({
      code: 'INVALID_REQUEST',
      message: 'limit is not valid: it must be 1 to 100.',
      status: 400,
      retryable: false,
      field: 'limit',
      details: { maximum: 100 },
    });
  });

  it('is found inside what wraps it', () => {
    expect(toPublicError({ originalError: errors.NOT_FOUND({ kind: 'dashboard' }) }).code).toBe('NOT_FOUND');
  });

  const circular: Record<string, unknown> = {};
  circular.originalError = circular;
  const hostile = Object.defineProperty({}, 'originalError', {
    get: () => {
      throw new Error('gotcha');
    },
  });
  it.each([
    ['a plain error', new Error('connection to db.internal:5432 refused')],
    ['a text', 'secret'],
    ['nothing', undefined],
    ['a circular object', circular],
    ['an object that throws when read', hostile],
  ])('is nothing but INTERNAL_ERROR for %s', (_name, thrown) => {
    expect(toPublicError(thrown)).toEqual({
      code: 'INTERNAL_ERROR',
      message: 'Something went wrong on our side.',
      status: 500,
      retryable: false,
    });
  });
});

it('every code has a maker that fills its message', () => {
  for (const code of Object.keys(catalogue) as (keyof typeof catalogue)[]) {
    const error = errors[code]({});
    expect(error).toBeInstanceOf(AppError);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('{');
  }
});

it('names the nearest known word for a slip, and nothing for a stranger', () => {
  expect(nearestName('quesiton', ['question', 'source_id'])).toBe('question');
  expect(nearestName('banana', ['question', 'source_id'])).toBeUndefined();
});

it('docs/errors.md lists every code with its status', () => {
  const page = readFileSync(path.join(projectRoot, 'docs', 'errors.md'), 'utf8');
  for (const [code, { status }] of Object.entries(catalogue)) expect(page).toContain(`| \`${code}\` | ${status} |`);
});

describe('an input that does not fit is told what would', () => {
  const entry = z.union([z.object({ values: z.array(z.number()) }), z.object({ min: z.number(), max: z.number() })]);

  it.each([
    ['it is missing', z.number(), undefined],
    ['it must be a number', z.number(), 'x'],
    ['it must be a whole number', z.int(), 1.5],
    ['it must have at most 2 characters', z.string().max(2), 'abc'],
    ['it must have at least 2 entries', z.array(z.string()).min(2), []],
    ['it must be above 0', z.number().gt(0), 0],
    ['it must be one of csv, xlsx; did you mean xlsx?', z.enum(['csv', 'xlsx']), 'xslx'],
    ['it must be a URL, with its scheme', z.url(), 'x'],
    ['it has no field b', z.strictObject({ a: z.string() }), { a: 'x', b: 1 }],
    ['it must be text, or it must be a number', z.union([z.string(), z.number()]), true],
    ['values: it is missing, or max: it is missing', entry, { min: 1 }],
    [
      'its type must be one of a, b',
      z.discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })]),
      {},
    ],
    ['it must be 1 to 3', z.number().max(3, 'it must be 1 to 3'), 4],
  ])('%s', (words, schema, given) => {
    expect(schema.safeParse(given).error?.issues[0]?.message).toBe(words);
  });
});
