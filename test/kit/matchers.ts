import { findAppError, type ErrorCode } from '#platform/errors';

declare global {
  namespace jest {
    interface Matchers<R> {
      /** The thrown or rejected value is an AppError with this code of the catalogue. */
      toHaveCode(code: ErrorCode): R;
    }
  }
}

expect.extend({
  toHaveCode(received: unknown, code: ErrorCode) {
    const actual = findAppError(received)?.code;
    return {
      pass: actual === code,
      message: () => `expected an AppError with code ${code}, got ${actual ?? String(received)}`,
    };
  },
});
