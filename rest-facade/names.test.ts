import fc from 'fast-check';

import { snakeKeys, toCamel, toRestEnum, toSnake } from './names';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
// A lone letter between two capitals reads as part of an acronym; such names keep their way back in the compiled tables.
const long = fc.stringMatching(/^[a-z][a-z0-9]{1,7}$/);
const later = long.map((text) => text.charAt(0).toUpperCase() + text.slice(1));
const camelName = fc.tuple(word, fc.array(later, { maxLength: 4 })).map(([first, rest]) => first + rest.join(''));

it('gives every camelCase name back after a trip through snake_case', () => {
  fc.assert(fc.property(camelName, (name) => toCamel(toSnake(name)) === name));
});

it('gives every snake_case name back after a trip through camelCase', () => {
  fc.assert(fc.property(fc.array(long, { minLength: 1, maxLength: 5 }), (words) => toSnake(toCamel(words.join('_'))) === words.join('_')));
});

it('never changes a snake_case name', () => {
  fc.assert(fc.property(camelName, (name) => toSnake(toSnake(name)) === toSnake(name)));
});

it('writes enum values in lower case and leaves lower case alone', () => {
  expect(['BAR_CHART', 'P95', 'direct', 'thumbsUp'].map(toRestEnum)).toEqual(['bar_chart', 'p95', 'direct', 'thumbs_up']);
});

it('renames our own keys in details and leaves data keys alone', () => {
  expect(snakeKeys({ maxBytes: 1, attempts: [{ errorCode: 'X' }], 'openai-compatible': { Region: 2 } })).toEqual({
    max_bytes: 1,
    attempts: [{ error_code: 'X' }],
    'openai-compatible': { Region: 2 },
  });
});
