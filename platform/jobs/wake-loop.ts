export interface WakeLoop {
  /** Runs the step at once, or once more after the one that is running. */
  wake(): void;
  /** Ends the loop; resolves when the running step has ended. */
  stop(): Promise<void>;
}

const afterErrorMs = 1_000;

/** Repeats `step`, waiting between two for as many milliseconds as it returned, or until woken. A step that failed is repeated after 1 s. */
export function startWakeLoop(step: () => Promise<number>, onError: (error: unknown) => void): WakeLoop {
  let isStopped = false;
  let wasWoken = false;
  let endPause: (() => void) | undefined;

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (!isStopped) {
      wasWoken = false;
      const waitMs = await step().catch((error: unknown) => {
        onError(error);
        return afterErrorMs;
      });
      if (!isStopped && !wasWoken && waitMs > 0) await pause(waitMs);
    }
  };

  const running = run();
  return {
    wake() {
      wasWoken = true;
      endPause?.();
    },
    async stop() {
      isStopped = true;
      endPause?.();
      await running;
    },
  };
}
