import type { Message as ShownMessage } from '../schema/message.type';
import type { ChatTurn } from '../schema/turn.type';
import type { Message } from '../service/message';

/** The stored values carry the schema's names, so showing them is a matter of types. */
export const shownMessage = (message: Message): ShownMessage => message as unknown as ShownMessage;

export const shownTurn = ({ answer, id, sessionId, runId, content }: Message): ChatTurn =>
  ({ ...answer, response: content, messageId: id, sessionId, runId }) as unknown as ChatTurn;
