import { catalogue, type CatalogueEntry, type ErrorCode } from './catalogue';

export type ErrorParameters = Readonly<Record<string, string | number | undefined>>;

export interface AppErrorOptions {
  /** Machine-readable facts for the caller: a limit and its value, attempts, a position. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The input that was wrong, as a path: `body.filters[0].operator`. */
  readonly field?: string;
  /** What happened underneath. Logged, never shown. */
  readonly cause?: unknown;
}

/** A failure with a code of the catalogue; its message may be shown to the caller. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly options: AppErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
  }

  get entry(): CatalogueEntry {
    return catalogue[this.code];
  }

  get details(): Readonly<Record<string, unknown>> | undefined {
    return this.options.details;
  }

  get field(): string | undefined {
    return this.options.field;
  }
}

/** A parameter may end a sentence by itself: `did you mean amount?` needs no full stop after it. */
const fill = (template: string, parameters: ErrorParameters): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? 'unknown')).replace(/([.?!])\.$/, '$1');

type Thrower = (parameters?: ErrorParameters, options?: AppErrorOptions) => AppError;

/**
 * One maker per code: `throw errors.NOT_FOUND({ kind: 'dashboard' })`. Parameters fill the catalogue's message; they must not
 * carry secrets, host names or another tenant's data.
 */
export const errors = Object.fromEntries(
  (Object.keys(catalogue) as ErrorCode[]).map((code) => [
    code,
    (parameters: ErrorParameters = {}, options: AppErrorOptions = {}) =>
      new AppError(code, fill(catalogue[code].message, parameters), options),
  ]),
) as Readonly<Record<ErrorCode, Thrower>>;
