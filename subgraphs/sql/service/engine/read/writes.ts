/** "delete the orders of 2023": what asks to change data is told that it is only read, never answered with a list. */
import type { LinkedQuestion } from '../link/types';
import type { Clarification } from '../types';

const polite = /^(?:please |now |can you |could you |would you |will you |i want (?:you )?to |i need (?:you )?to |go and |just )*/;
const verbs = /^(delete|erase|truncate|purge|wipe|insert|update|overwrite|rename|alter|modify|cancel|drop|remove)\b/;
/** "Drop in revenue", "cancel rate", "update count by month": the word is a noun, and the question reads. */
const asNoun =
  /^(?:cancel|drop|update)s?(?:[ -]?offs?)?\s+(?:in|of|by|per|since|between|during|rates?|ratios?|shares?|percentages?|counts?|numbers?|dates?|times?|reasons?|fees?|frequency)\b/;
/** Of an answer, not of data: these edit the last query. */
const ofAnswer = /\b(filter|condition|column|sort|order by|limit|grouping|chart|me|on|about)\b/;

/** The answer to a request to write; undefined where the question only reads. After an answer, "drop" and "remove" edit it. */
export function refuseToWrite({ text }: LinkedQuestion, isFollowUp: boolean): Clarification | undefined {
  const request = text.toLowerCase().trim().replace(polite, '');
  const verb = verbs.exec(request)?.[1];
  if (!verb || ofAnswer.test(request) || asNoun.test(request) || (isFollowUp && /^(drop|remove|update)$/.test(verb))) return undefined;
  return {
    question: `Parley only reads data: it cannot ${verb} anything. Ask for the rows or numbers that you would like to see, such as how many there are.`,
    notUnderstood: [verb],
    nearest: [],
    options: [],
  };
}
