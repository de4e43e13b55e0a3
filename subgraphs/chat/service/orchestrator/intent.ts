import type { ChartIntent, ChartType } from '#platform/charts';

import { readComparison, readWhyQuestion } from '../analysis/why-question';
import type { Intent } from '../answer';

import { smallTalkIn, withoutOpening } from './small-talk';
import type { Route } from './types';

const chartWords: readonly (readonly [RegExp, ChartType])[] = [
  [/\bpie\b|\bdonut\b|\bdoughnut\b/i, 'pie_chart'],
  [/\barea\b/i, 'area_chart'],
  [/\bbars?\b|\bcolumn chart\b/i, 'bar_chart'],
  [/\blines?\b/i, 'line_chart'],
  [/\bscatter\b/i, 'scatter_plot'],
  [/\bheat ?map\b/i, 'heatmap'],
  [/\bhistogram\b/i, 'histogram'],
  [/\bmap\b/i, 'map'],
  [/\btable\b/i, 'table'],
];

/** A wish about the chart and nothing else: "as a pie chart", "show that as bars". */
const chartOnly =
  /^(?:please\s+)?(?:can you\s+)?(?:(?:show|draw|plot|display|make|turn|render|visuali[sz]e|change|switch|chart|graph|use|give me)\s+)?(?:(?:it|that|this|them|these|the (?:result|results|data|chart|answer)|me)\s+)*(?:(?:as|in|into|to|using|with)\s+)?(?:an?\s+|the\s+)?(?:stacked\s+)?(?:pie|donut|doughnut|area|bars?|column|lines?|scatter|heat ?map|histogram|map|table)(?:\s*(?:chart|plot|graph|diagram|map))?(?:\s+(?:instead|please))*\s*[.!?]*$/i;
const chartThat =
  /^(?:please\s+)?(?:show|draw|plot|display|visuali[sz]e|chart|graph)\s+(?:it|that|this|them|these|the (?:result|results|data|answer))\s*[.!?]*$/i;

const schema =
  /\b(?:what|which|list|show|describe)\b.*\b(?:tables?|columns?|fields?|schema|datasets?|data sources?|sources)\b|\bwhat data\b|\bdescribe (?:the )?(?:data|database|schema|source)\b|\bwhat (?:can i|could i) ask\b/i;
const help =
  /^(?:please )?help(?: me)?(?: please)?[\s!.?]*$|^(?:what can you do|how (?:do|does|can) (?:i|you|this|it)\b(?! (?:many|much)).*(?:work|use|help|ask))\b/i;
const definition =
  /^(?:what (?:is meant by|does .+ mean)|define|definition of|how (?:is|are) .+ (?:defined|calculated|computed|measured)|how do you (?:define|calculate|compute|measure))\b/i;

const analysis =
  /\b(?:analy[sz]e|analysis|insights?|anomal(?:y|ies|ous)|outliers?|unusual|strange|odd|trend(?:s|ing)?|season(?:al|ality)|patterns?|driv(?:e|es|ers?|ing)|contribut(?:e|es|ors?|ion)|concentrat(?:ed|ion)|correlat\w+|stand(?:s)? out|what (?:changed|happened))\b/i;

const followUp =
  /^(?:and |now |also |but |then |ok(?:ay)?,? )*(?:\d{4}\W*$|last (?:\d+ )?(?:day|week|month|quarter|year)s?\W*$|only|just|without|excluding|exclude|except|by|per|top|bottom|first|last \d+$|instead|in |for |since |before |after |what about|how about|same|the same|sort|order|sorted|ordered|group|split|break|add|remove|drop the|limit|more|fewer|filter|as a percentage|compare|over time|undo|revert|go back|take (?:that|it) back)\b/i;
const isWholeQuestion =
  /\b(?:how many|how much|what (?:is|are|was|were)|which|who|when|where|count of|number of|list|average|total|show me|(?:do|does|did|have|has) (?:we|they|you|i|our|the))\b/i;

const statement = /^\s*(?:select\b[\s\S]*\bfrom\b|select\s+[\d'(]|with\s+\w+\s+as\s*\()/i;

/** About what was just shown and nothing else: "is there a trend?", "any outliers?". */
const analysisOnly =
  /^(?:(?:and|so|but|please)\s+)?(?:(?:can|could) you\s+)?(?:(?:is|are|was|were|do you see|can you see|find|show me|show|detect|spot)\s+)?(?:there\s+)?(?:(?:any|an?|the|some)\s+)*(?:clear\s+)?(?:anomal(?:y|ies)|outliers?|trends?|seasonality|patterns?|insights?|analy[sz]e|analysis|what stands out|what is (?:unusual|odd|strange))(?:\s+(?:here|there|in|it|this|that|them|these|of|the|data|result|results|numbers))*\s*[.!?]*$/i;

/** What a message wants, by written rules. The order of the checks is the rule: the most certain signs first. */
export function routeMessage(text: string, { hasPrevious }: { readonly hasPrevious: boolean }): Route {
  const base = { isFollowUp: false, isAboutPrevious: false, isSql: false, why: null, chartType: null, smallTalk: null };
  const of = (intent: Intent, rest: Partial<Route> = {}): Route => ({ ...base, intent, ...rest });
  if (statement.test(text)) return of('sql_query', { isSql: true });
  const smallTalk = smallTalkIn(text);
  if (smallTalk) return of('help', { smallTalk });
  const trimmed = withoutOpening(text);
  const chartType = chartTypeIn(trimmed);
  if (hasPrevious && (chartOnly.test(trimmed) || chartThat.test(trimmed))) return of('visualization', { chartType });
  if (help.test(trimmed)) return of('help');
  const why = readWhyQuestion(trimmed) ?? readComparison(trimmed);
  if (why && (why.metric !== null || hasPrevious)) return of('analysis', { why });
  if (definition.test(trimmed)) return of('help');
  if (schema.test(trimmed) && !/\bhow many\b/i.test(trimmed)) return of('schema');
  const isFollowUp = hasPrevious && looksLikeFollowUp(trimmed);
  if (hasPrevious && analysisOnly.test(trimmed)) return of('analysis', { isAboutPrevious: true });
  if (analysis.test(trimmed)) return of('analysis', { isFollowUp, chartType });
  return of('sql_query', { isFollowUp, chartType });
}

const looksLikeFollowUp = (text: string): boolean => followUp.test(text) && !isWholeQuestion.test(text) && text.split(/\s+/).length <= 12;

const chartTypeIn = (text: string): ChartType | null => {
  const wish =
    /\b(?:as|in|into|with|using|draw|plot)\s+(?:an?\s+)?((?:\w+\s){0,2}(?:chart|plot|graph|map|heatmap|histogram|table|bars|lines|pie))\b/i.exec(
      text,
    )?.[1] ?? (chartOnly.test(text) ? text : null);
  return wish === null ? null : (chartWords.find(([words]) => words.test(wish))?.[1] ?? null);
};

/** What the chart should bring out, from the words of the question. */
export function chartIntentOf(text: string): ChartIntent | null {
  if (/\b(?:share|percentage|percent|proportion|breakdown|make ?up|composition)\b/i.test(text)) return 'share';
  if (/\b(?:trend|over time|by (?:day|week|month|quarter|year)|daily|weekly|monthly|yearly)\b/i.test(text)) return 'trend';
  if (/\b(?:distribution|histogram|spread)\b/i.test(text)) return 'distribution';
  if (/\b(?:correlat\w+|relationship|versus|vs\.?|against)\b/i.test(text)) return 'relationship';
  if (/\b(?:top|bottom|best|worst|highest|lowest|most|least|rank\w*)\b/i.test(text)) return 'ranking';
  return null;
}

const wrapping =
  /^(?:please\s+)?(?:(?:can|could) you\s+)?(?:analy[sz]e|(?:find|detect|show|list|spot|identify|look for|search for)(?: me)?(?: any| the| all)?\s+(?:anomal(?:y|ies)|outliers?|trends?|seasonality|patterns?|insights?)(?:\s+(?:in|of|for|about|on))?|(?:are|is|were|was) there\s+(?:any\s+|an?\s+)?(?:\w+\s+)?(?:anomal(?:y|ies)|outliers?|trends?|seasonality|patterns?)(?:\s+(?:in|of|for))?|what (?:is|are|was) the\s+(?:trends?|seasonality|patterns?|outliers?|anomal(?:y|ies)|drivers?)(?:\s+(?:in|of|for))?|what (?:stands|stood) out in|(?:give me |show me )?(?:the )?(?:trends?|insights?|analysis|seasonality|patterns?|outliers?|anomal(?:y|ies))\s+(?:of|in|on|for|about))\s+(?:the\s+|our\s+)?/i;
const timeGrain =
  /\b(?:by|per|each|every)\s+(?:hour|day|week|month|quarter|year)\b|\b(?:hourly|daily|weekly|monthly|quarterly|yearly|annual)\b/i;
const adverbs: readonly (readonly [RegExp, string])[] = [
  [/\bhourly\b/i, 'hour'],
  [/\bdaily\b/i, 'day'],
  [/\bweekly\b/i, 'week'],
  [/\bmonthly\b/i, 'month'],
  [/\bquarterly\b/i, 'quarter'],
  [/\b(?:yearly|annual)\b/i, 'year'],
];

/** The question for data that an analysis needs: "any anomalies in daily revenue?" needs "revenue by day". */
export function dataQuestionOf(text: string): string {
  const bare = text
    .trim()
    .replace(/[?.!]+$/, '')
    .replace(wrapping, '')
    .replace(/\s+(?:trends?|seasonality|patterns?|anomal(?:y|ies)|outliers?)\b/gi, '');
  const adverb = adverbs.find(([words]) => words.test(bare));
  if (adverb) return `${bare.replace(adverb[0], '').replace(/\s+/g, ' ').trim()} by ${adverb[1]}`;
  if (/\bover time\b/i.test(bare)) return bare.replace(/\bover time\b/i, 'by month');
  const needsTime =
    /\b(?:trend|season|anomal|outlier|pattern|unusual|what happened)/i.test(text) && !timeGrain.test(bare) && !/\bby\s+\w+/i.test(bare);
  return needsTime ? `${bare} by month` : bare;
}

const period =
  /^(?:(?:and|now|ok(?:ay)?,?|then)\s+)*(?:(?:what|how) about|only|just|show|the same for|same for)?\s*(?:in\s+|for\s+|of\s+)?((?:the\s+)?(?:last|past|previous|this)\s+(?:\d+\s+)?(?:day|week|month|quarter|year)s?|\d{4}(?:-\d{2}){0,2}|q[1-4]\s+\d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+\d{4})(?:\s+(?:instead|please))*\s*[.!?]*$/i;

/** A period alone, however it is asked for, is the filter "in 2024"; "over time" is by month until somebody says otherwise. */
export function refinementOf(text: string): string {
  if (/^(?:(?:and|now|show(?: it)?)\s+)?over time\s*[.!?]*$/i.test(text.trim())) return 'by month';
  const words = period.exec(text.trim())?.[1];
  return words ? `in ${/^(?:last|past|previous)/i.test(words) ? 'the ' : ''}${words}` : text;
}
