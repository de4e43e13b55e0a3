// Beside the values and not in them: what is sent to clients stays as it is.
const replayed = new WeakSet<object>();

/** True for an event that was stored before its reader came, and for what was made of it: reading it slowly is no fault. */
export const isReplayed = (value: object): boolean => replayed.has(value);

export function markReplayed<Value extends object>(value: Value): Value {
  replayed.add(value);
  return value;
}

/** `made` is what became of `event` on its way to a reader: it counts as replayed where the event does. */
export const replayedAs = <Value extends object>(event: unknown, made: Value): Value =>
  typeof event === 'object' && event !== null && replayed.has(event) ? markReplayed(made) : made;
