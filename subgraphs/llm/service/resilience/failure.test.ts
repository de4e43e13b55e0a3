import { APICallError } from '@ai-sdk/provider';

import { printable, readRetryAfter, toAttemptFailed } from './failure';

const call = (statusCode: number | undefined, more: { cause?: unknown; responseHeaders?: Record<string, string> } = {}): APICallError =>
  new APICallError({ message: 'said so', url: 'http://x', requestBodyValues: {}, statusCode, ...more });

it.each([
  [429, 'rate_limited'],
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [408, 'timeout'],
  [500, 'server_error'],
  [529, 'server_error'],
  [404, 'server_error'],
  [400, 'bad_request'],
  [422, 'bad_request'],
])('status %i is %s', (status, reason) => {
  expect(toAttemptFailed(call(status)).reason).toBe(reason);
});

it('tells a socket that closed from an answer that makes no sense', () => {
  expect(toAttemptFailed(call(200, { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) })).reason).toBe('connection');
  expect(toAttemptFailed(call(200, { cause: new SyntaxError('Unexpected token') })).reason).toBe('invalid_output');
  expect(toAttemptFailed(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } })).reason).toBe('connection');
});

it.each([undefined, null, 'text', 42, {}, Object.create(null)])('never throws, whatever was thrown: %p', (thrown) => {
  expect(toAttemptFailed(thrown).reason).toBe('connection');
});

it('reads Retry-After as seconds, as a date and as milliseconds', () => {
  const now = Date.UTC(2026, 0, 1);
  expect(readRetryAfter({ 'retry-after': '7' }, now)).toBe(7_000);
  expect(readRetryAfter({ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }, now)).toBe(10_000);
  expect(readRetryAfter({ 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' }, now)).toBe(0);
  expect(readRetryAfter({ 'retry-after-ms': '250', 'retry-after': '1' }, now)).toBe(250);
  expect(readRetryAfter({ 'retry-after': 'soon' }, now)).toBeNull();
  expect(readRetryAfter({}, now)).toBeNull();
});

it('shows a provider’s words without keys and addresses', () => {
  expect(printable('Incorrect key sk-proj-abc123456789 at https://internal.example/v1')).toBe('Incorrect key … at …');
});
