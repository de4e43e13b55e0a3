import { readFileSync } from 'node:fs';
import path from 'node:path';

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
