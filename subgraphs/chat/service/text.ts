import { errors } from '#platform/errors';

/** Characters in one message. */
export const maxMessageLength = 10_000;
const maxTitleLength = 200;

/** A message as it may be stored: PostgreSQL text holds no NUL. */
export function checkedText(text: string, field: string): string {
  const trimmed = text.replaceAll('\u0000', '').trim();
  if (trimmed === '') throw errors.INVALID_REQUEST({ what: field, hint: `write 1 to ${maxMessageLength} characters` }, { field });
  if (trimmed.length > maxMessageLength) {
    throw errors.INVALID_REQUEST(
      { what: field, hint: `it has ${trimmed.length} characters and at most ${maxMessageLength} are read` },
      { field, details: { limit: 'messageLength', value: trimmed.length, maximum: maxMessageLength } },
    );
  }
  return trimmed;
}

export function checkedTitle(title: string): string {
  const trimmed = title.replaceAll('\u0000', '').trim();
  if (trimmed === '' || trimmed.length > maxTitleLength)
    throw errors.INVALID_REQUEST({ what: 'title', hint: `write 1 to ${maxTitleLength} characters` }, { field: 'title' });
  return trimmed;
}

export function checkedSessionId(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/.test(id)) {
    throw errors.INVALID_REQUEST(
      { what: 'session_id', hint: 'use 1 to 100 letters, digits, dots, dashes, colons or underscores' },
      { field: 'session_id' },
    );
  }
  return id;
}

export const untitled = 'New conversation';

/** A conversation is called after its first message. */
export const titleFrom = (text: string): string => {
  const line = text.split('\n')[0]!.trim();
  return line.length <= 80 ? line : `${line.slice(0, 79).trimEnd()}…`;
};
