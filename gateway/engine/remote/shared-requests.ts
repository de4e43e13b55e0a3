interface Shared<Answer> {
  readonly answer: Promise<Answer>;
  readonly controller: AbortController;
  readers: number;
}

/** Equal reads that are under way at the same time are sent once. The request ends when the last one who waits for it has left. */
export class SharedRequests<Answer> {
  private readonly running = new Map<string, Shared<Answer>>();

  async run(key: string, signal: AbortSignal, send: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    let shared = this.running.get(key);
    if (!shared) {
      const controller = new AbortController();
      const answer = send(controller.signal).finally(() => this.running.delete(key));
      shared = { answer, controller, readers: 0 };
      // Whoever joins has its own handlers; without any a failure would count as unhandled.
      answer.catch(() => undefined);
      this.running.set(key, shared);
    }
    const joined = shared;
    joined.readers += 1;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      joined.readers -= 1;
      if (joined.readers > 0) return;
      if (this.running.get(key) === joined) this.running.delete(key);
      joined.controller.abort(signal.reason);
    };
    return new Promise<Answer>((resolve, reject) => {
      const onAbort = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      joined.answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }
}
