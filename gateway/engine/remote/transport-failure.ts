/** Why a subgraph gave no usable answer. Logged; the client sees SERVICE_UNAVAILABLE or TIMEOUT and no address. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure';

  constructor(
    message: string,
    /** True where the request may not have been carried out, or repeating it may help. */
    readonly isRetryable: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}
