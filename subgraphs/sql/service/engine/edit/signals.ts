/** Does an utterance continue the last query, and how? */
import { contentTokens } from '../explain/unused';
import type { LinkedQuestion } from '../link/types';

export interface Signals {
  follows: boolean;
  /** "also", "and", "as well": keeps what is there. */
  adds: boolean;
  /** "instead", "what about": takes its place. */
  replaces: boolean;
  /** "remove", "without the filter", "all regions": takes away. */
  drops: boolean;
  /** "them", "those", "their": speaks of the rows of the last query. */
  pronoun: boolean;
  why: boolean;
  undo: boolean;
  /** "the year before", "same for last year" */
  shift: -1 | 0 | 1;
  /** "same for last year": the unit before the period asked about. */
  same?: 'year' | 'quarter' | 'month' | 'week' | 'day';
  /** "which month was the best?": of what was just shown. */
  asksWhich: boolean;
}

const openers =
  /^(only|just|and|also|but|now|then|what about|how about|same|instead|by|per|without|excluding|exclude|except|remove|drop|add|include|sort|order|sorted|top|bottom|limit|show only|make it|make that|of those|of these|of them|among|which of|in|for|as|not|with|weekly|monthly|daily|yearly|quarterly|break|split|group|filter|keep|restrict|narrow|drill|descending|ascending|highest|lowest|cumulative|and the|the same|do the same|switch|change|use|compare|versus|vs|last|this|since)\b/;
const pronouns = new Set([
  'them',
  'those',
  'these',
  'their',
  'theirs',
  'its',
  'it',
  'they',
  'that',
  'he',
  'she',
  'his',
  'her',
  'him',
  'ones',
  'one',
  'there',
  'this',
]);

export function readSignals({ text, tokens, cues }: LinkedQuestion): Signals {
  const lower = text.toLowerCase().trim();
  const words = tokens.filter((token) => token.kind !== 'punctuation');
  const pronoun = words.some(
    (token, i) =>
      pronouns.has(token.lower) &&
      !(token.lower === 'that' && i > 0 && words[i - 1]!.lower !== 'of') &&
      !(token.lower === 'there' && /^(is|are|was|were)$/.test(words[i - 1]?.lower ?? '')) &&
      !(token.lower === 'this' && /^(year|month|week|quarter|day)$/.test(words[i + 1]?.lower ?? '')),
  );
  const short = words.length <= 3 && !/^(how|which|who|list|show|find|give|count)\b/.test(lower);
  const why = /^(but )?why\b|^(how come|explain|what does (this|that|it) mean|how did you)/.test(lower);
  const undo = /^(undo|go back|revert|back|never ?mind|take that back|previous one)\b/.test(lower);
  const same = /\bsame\b.*\b(?:last|previous|prior) (year|quarter|month|week|day)\b/.exec(lower)?.[1] as Signals['same'];
  const asksWhich =
    cues.some((cue) => cue.cue === 'superlative') &&
    /^(and |so |but )?(which|what) (of (them|those|these) )?\w+ (is|was|are|were|had|has) (the )?\w+( \w+)?\??$/.test(lower);
  return {
    ...(same ? { same } : {}),
    asksWhich,
    follows:
      why ||
      undo ||
      contentTokens(tokens).length === 0 ||
      /^(who|that|which) (have |has |had )?(never|not|also|only|did not|didn)\b/.test(lower) ||
      openers.test(lower) ||
      pronoun ||
      asksWhich ||
      short ||
      /\binstead\b|\bthe same\b/.test(lower),
    adds: /^(and|also|add|include|plus|with)\b|\b(also|as well|too|additionally|in addition)\b/.test(lower),
    replaces: /\binstead\b|^(what|how) about\b|^(switch|change|use|make it|now|same)\b/.test(lower),
    drops:
      /^(remove|drop|without the|clear|forget|ignore|reset)\b|\bfilter off\b|\b(all|any|every) (regions|countries|categories|years|months|segments|channels|statuses|time|periods)\b|\bregardless of\b/.test(
        lower,
      ),
    pronoun,
    why,
    undo,
    shift: /\b(the )?(year|month|quarter|week|day|period) (before|earlier|prior)\b|\bprevious period\b/.test(lower)
      ? -1
      : /\b(year|month|quarter|week|day|period) after\b/.test(lower)
        ? 1
        : 0,
  };
}
