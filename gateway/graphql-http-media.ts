/** What an answer may look like. */
export type AnswerKind = 'response' | 'json' | 'events' | 'multipart' | 'page';

export const mediaTypes: Readonly<Record<AnswerKind, string>> = {
  response: 'application/graphql-response+json',
  json: 'application/json',
  events: 'text/event-stream',
  multipart: 'multipart/mixed',
  page: 'text/html',
};

interface Wish {
  readonly type: string;
  readonly weight: number;
}

const readAccept = (accept: string): Wish[] =>
  accept
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return { type, weight: quality ? Number(quality.slice(2)) || 0 : 1 };
    })
    .filter(({ type, weight }) => type !== '' && weight > 0);

const fits = (wish: string, type: string): boolean =>
  wish === '*/*' || wish === type || (wish.endsWith('/*') && type.startsWith(wish.slice(0, -1)));

/**
 * Chooses by `Accept` among what is offered, in the client's order of preference; null where nothing fits. `application/json` is
 * first choice for wildcards and where there is no header, as GraphQL over HTTP has it until its watershed.
 */
export function chooseAnswer(accept: string | undefined, offered: readonly AnswerKind[]): AnswerKind | null {
  if (accept === undefined || accept.trim() === '') return 'json';
  const wishes = readAccept(accept);
  const ranked = [...wishes].sort((a, b) => b.weight - a.weight);
  for (const { type } of ranked) {
    const kind = offered.find((candidate) => fits(type, mediaTypes[candidate]));
    if (kind) return kind;
  }
  return null;
}
