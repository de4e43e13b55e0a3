import type { EngineObserver } from '../engine';

/** Several observers as one, told in order. */
export function combineObservers(...observers: readonly EngineObserver[]): EngineObserver {
  return {
    operationStarted(operation) {
      const ended = observers.map((observer) => observer.operationStarted?.(operation));
      return (result) => ended.forEach((end) => end?.(result));
    },
    fetchStarted(fetch) {
      const ended = observers.map((observer) => observer.fetchStarted?.(fetch));
      return (hasFailed) => ended.forEach((end) => end?.(hasFailed));
    },
  };
}
