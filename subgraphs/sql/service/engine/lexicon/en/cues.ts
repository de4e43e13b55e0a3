/**
 * Phrases that ask for a clause. A phrase is words separated by blanks; `|` separates alternatives of one word, `~` marks a stem.
 * Longer phrases win over shorter ones that they contain.
 */
export interface CuePhrase {
  cue: string;
  detail?: string;
  phrases: readonly string[];
}

export const cuePhrases: readonly CuePhrase[] = [
  { cue: 'count', phrases: ['how many', 'number of', 'total number of', 'the count of', 'count of', 'count the', 'count how many', 'amount of times', 'how often', 'counts of', 'numbers of'] },
  { cue: 'distinctCount', phrases: ['how many different|distinct|unique', 'number of different|distinct|unique', 'how many kinds|types of', 'count of distinct|unique|different'] },
  { cue: 'distinct', phrases: ['different', 'distinct', 'unique', 'without repetition|duplicates|repeating', 'various', 'deduplicated'] },
  { cue: 'aggregate', detail: 'avg', phrases: ['average', 'avg', 'mean', 'on average', 'averages'] },
  { cue: 'aggregate', detail: 'sum', phrases: ['total', 'sum', 'sum of', 'the total of', 'in total', 'overall', 'combined', 'altogether', 'totals', 'how much'] },
  { cue: 'aggregate', detail: 'max', phrases: ['maximum', 'max', 'the highest possible', 'maximal', 'peak'] },
  { cue: 'aggregate', detail: 'min', phrases: ['minimum', 'min', 'minimal'] },
  { cue: 'aggregate', detail: 'median', phrases: ['median'] },
  { cue: 'aggregate', detail: 'stddev', phrases: ['standard deviation', 'stddev', 'deviation'] },
  { cue: 'each', phrases: ['each', 'for each', 'for every', 'every', 'per', 'of each', 'in each', 'grouped by', 'group by', 'broken down by', 'split by', 'by each', 'across', 'for all the different'] },
  { cue: 'by', phrases: ['by'] },
  { cue: 'with', phrases: ['along with', 'together with', 'corresponding', 'as well as', 'respective'] },
  { cue: 'superlative', detail: 'desc', phrases: ['most', 'the most', 'highest', 'largest', 'biggest', 'greatest', 'top', 'best', 'longest', 'oldest', 'tallest', 'heaviest', 'latest', 'newest', 'most recent', 'most recently', 'richest', 'fastest', 'strongest', 'maximum', 'busiest', 'farthest', 'furthest', 'most expensive', 'priciest', 'leading', 'widest', 'deepest', 'last'] },
  { cue: 'superlative', detail: 'asc', phrases: ['least', 'the least', 'lowest', 'smallest', 'fewest', 'minimum', 'worst', 'shortest', 'youngest', 'lightest', 'earliest', 'poorest', 'slowest', 'cheapest', 'least expensive', 'closest', 'nearest', 'bottom', 'weakest', 'first'] },
  { cue: 'frequent', phrases: ['most common', 'most popular', 'most frequent', 'most frequently', 'most often', 'most commonly', 'the most number of', 'largest|highest|greatest|maximum|biggest number of', 'most number of'] },
  { cue: 'rare', phrases: ['least common', 'least popular', 'least frequent', 'smallest|lowest|fewest|minimum|least number of'] },
  { cue: 'sort', phrases: ['sort', 'sorted', 'order|ordered|ordering by|according|in|from|based|alphabetically', 'ordered', 'sorted by', 'ranked by', 'rank', 'arrange|arranged', 'alphabetical', 'alphabetically', 'lexicographical|lexicographically', 'chronological|chronologically', 'in order of', 'listed in'] },
  { cue: 'direction', detail: 'desc', phrases: ['from big|bigger|biggest|large|larger|largest|great|greatest|high|higher|most to small|smaller|smallest|low|lower|lowest|least|little|fewest', 'from the highest|largest|biggest|oldest|latest|most to the lowest|smallest|youngest|earliest|least', 'from late|latest|recent|new|newest|old|older|oldest to early|earliest|old|oldest|young|younger|youngest', 'from most recent to oldest|earliest', 'from z to a', 'z to a', 'from long|longest|tall|tallest|best|heaviest|expensive|fastest to short|shortest|worst|lowest|lightest|cheapest|slowest', 'longest to shortest', 'best to worst', 'from the best', 'starting from|with the best|highest|largest|longest|latest', 'reverse alphabetical', 'largest to smallest', 'descending', 'decreasing', 'desc', 'from high to low', 'highest first', 'from highest to lowest', 'from most to least', 'from largest to smallest', 'from oldest to youngest', 'reverse', 'most recent first', 'newest first', 'largest first', 'from the oldest to youngest', 'high to low', 'highest to lowest', 'most first', 'best first'] },
  { cue: 'direction', detail: 'asc', phrases: ['from small|smaller|smallest|low|lower|lowest|least|few|fewest to big|bigger|biggest|large|larger|largest|high|higher|highest|most|great|greatest', 'from the lowest|smallest|youngest|earliest|least to the highest|largest|oldest|latest|most', 'from early|earliest|old|oldest|young|younger|youngest to late|latest|recent|new|newest|old|older|oldest', 'from a to z', 'a to z', 'from short|shortest|worst|lightest|cheap|cheapest|slowest to long|longest|tallest|best|highest|heaviest|expensive|fastest', 'shortest to longest', 'worst to best', 'starting from|with the worst|lowest|smallest|shortest|earliest|oldest', 'smallest to largest', 'ascending', 'increasing', 'asc', 'from low to high', 'lowest first', 'alphabetical', 'alphabetically', 'from lowest to highest', 'from youngest to oldest', 'smallest first', 'oldest first', 'worst first', 'low to high', 'lowest to highest'] },
  { cue: 'negation', phrases: ['not', 'no', 'never', 'without', 'neither', 'nor', 'none', 'cannot', 'n t', 'don t', 'doesn t', 'didn t', 'isn t', 'aren t', 'wasn t', 'weren t', 'haven t', 'hasn t', 'excluding', 'except', 'except for', 'other than', 'lack|lacks|lacking', 'absent', 'besides', 'apart from', 'but not', 'is not', 'are not', 'did not', 'do not', 'does not', 'have not', 'has not', 'not any', 'have no', 'has no', 'unlike', 'outside'] },
  { cue: 'never', phrases: ['never', 'have never', 'has never', 'not any', 'without any', 'have no', 'has no', 'haven t', 'hasn t', 'did not have any', 'do|does|did not have', 'not have any', 'have not', 'has not'] },
  { cue: 'both', phrases: ['both', 'and also', 'as well as', 'at the same time'] },
  { cue: 'or', phrases: ['or', 'either'] },
  { cue: 'like', detail: 'contains', phrases: ['contain|contains|containing|contained', 'include|includes|including|included', 'has the word|letter|letters|substring|string', 'with the word|letter|letters|substring|string', 'the substring', 'the word', 'has|have a', 'in the name', 'mention|mentions|mentioning', 'like'] },
  { cue: 'like', detail: 'starts', phrases: ['start|starts|starting|started with', 'begin|begins|beginning with', 'start|starts|starting|begin|begins with the letter', 'starting from the letter', 'prefix', 'whose initial is'] },
  { cue: 'like', detail: 'ends', phrases: ['end|ends|ending with', 'end|ends|ending in', 'suffix', 'end|ends|ending with the letter'] },
  { cue: 'null', phrases: ['is null', 'are null', 'is missing', 'are missing', 'missing', 'null', 'empty', 'blank', 'unknown', 'is unknown', 'no value', 'not recorded', 'unspecified', 'not specified', 'have no recorded', 'not available'] },
  { cue: 'notNull', phrases: ['is not null', 'not null', 'not missing', 'is known', 'is recorded', 'is available', 'not empty', 'are known'] },
  { cue: 'star', phrases: ['all information', 'all the information', 'all details', 'all the details', 'information about', 'details of', 'details about', 'all data', 'everything about', 'full details', 'all columns', 'all attributes', 'all the data', 'all fields', 'complete information', 'full records', 'every detail', 'all of the information', 'all info', 'rows of', 'raw data'] },
  { cue: 'average', detail: 'above', phrases: ['above|over|exceed|exceeds|exceeding|beyond the average', 'above|over average', 'more|greater|higher|larger|older|longer|bigger|heavier|taller|better than the average', 'more|greater|higher|larger|older|longer|bigger than average', 'larger|higher|greater|more than the mean', 'above the mean', 'more|greater|higher|larger|older|longer than the overall average', 'better than average', 'more|greater|higher|larger than that of the average'] },
  { cue: 'average', detail: 'below', phrases: ['below|under the average', 'below|under average', 'less|lower|smaller|shorter|younger|fewer|cheaper|lighter than the average', 'less|lower|smaller|shorter|younger|fewer|cheaper than average', 'below the mean', 'worse than average'] },
  { cue: 'share', phrases: ['share of', 'percentage of', 'percent of', 'proportion of', 'fraction of', 'what share', 'what percentage', 'what proportion', 'what fraction', 'share', 'percentage', 'proportion', 'ratio of', 'rate of'] },
  { cue: 'shareOfTotal', phrases: ['share of total', 'share of the total', 'percentage of total', 'percent of total', 'percentage of the total', 'contribution to', 'share of overall', 'as a share of total', 'as a percentage of total', 'relative share', 'contribution'] },
  { cue: 'growth', phrases: ['growth', 'growth of', 'growth rate', 'growth in', 'percent change', 'percentage change', 'month over month', 'year over year', 'week over week', 'quarter over quarter', 'mom', 'yoy', 'month on month', 'year on year', 'compared to the previous', 'compared with the previous', 'versus previous', 'vs previous', 'vs last', 'versus last', 'grow', 'grew'] },
  { cue: 'change', phrases: ['change in', 'difference to the previous', 'difference from the previous', 'change from the previous', 'delta'] },
  { cue: 'previous', phrases: ['with the previous', 'and the previous', 'previous period', 'previous month s', 'prior period'] },
  { cue: 'running', phrases: ['running total', 'cumulative', 'running sum', 'cumulated', 'accumulated', 'to date', 'cumulatively'] },
  { cue: 'ratio', phrases: ['ratio of', 'ratio between', 'divided by', 'relative to'] },
  { cue: 'perGroup', phrases: ['in each', 'of each', 'for each', 'per', 'within each', 'by each', 'for every', 'in every'] },
  { cue: 'top', phrases: ['top', 'best', 'first', 'leading', 'highest', 'largest', 'biggest', 'most'] },
  { cue: 'trend', phrases: ['trend', 'over time', 'development of', 'evolution of', 'history of', 'timeline', 'time series', 'evolve|evolved', 'develop|developed', 'trended'] },
  { cue: 'compare', phrases: ['compare', 'compared to', 'compared with', 'versus', 'vs', 'against'] },
];

/** Comparison words around a number. `before` phrases end right before it, `after` phrases begin right behind it. */
export const comparisonPhrases: readonly { operator: '=' | '!=' | '<' | '<=' | '>' | '>='; before: readonly string[]; after?: readonly string[] }[] = [
  { operator: '>=', before: ['at least', 'no less than', 'not less than', 'no fewer than', 'not fewer than', 'not below', 'minimum of', 'a minimum of', 'greater than or equal to', 'more than or equal to', 'from', 'no earlier than', 'starting from', 'not lower than', 'no lower than', 'no smaller than'], after: ['or after', 'or since', 'and after', 'and later', 'or upwards', 'or longer', 'or larger', 'or bigger', 'or more', 'or higher', 'or greater', 'or above', 'or older', 'or later', 'or over', 'or longer', 'and above', 'and over', 'or better', 'and more', 'and up', 'plus'] },
  { operator: '<=', before: ['at most', 'no more than', 'not more than', 'not over', 'not above', 'up to', 'maximum of', 'a maximum of', 'less than or equal to', 'no later than', 'within', 'not exceed', 'not exceeding', 'no greater than', 'not greater than', 'no higher than', 'no longer than', 'not larger than'], after: ['or before', 'and before', 'and earlier', 'or smaller', 'or less', 'or fewer', 'or lower', 'or below', 'or younger', 'or earlier', 'or under', 'or shorter', 'and below', 'and under', 'and fewer', 'or cheaper'] },
  { operator: '>', before: ['more than', 'greater than', 'larger than', 'higher than', 'over', 'above', 'exceed', 'exceeds', 'exceeding', 'exceeded', 'older than', 'longer than', 'after', 'bigger than', 'heavier than', 'taller than', 'beyond', 'later than', 'better than', 'in excess of', 'since', 'faster than', 'newer than', 'upwards of', 'stronger than', 'surpass', 'surpasses', 'surpassing', 'wider than', 'farther than', 'further than', 'worse than', 'richer than'] },
  { operator: '<', before: ['less than', 'fewer than', 'lower than', 'smaller than', 'below', 'under', 'younger than', 'shorter than', 'before', 'earlier than', 'prior to', 'cheaper than', 'lighter than', 'until', 'slower than', 'closer than', 'nearer than', 'beneath', 'short of'] },
  { operator: '!=', before: ['not equal to', 'other than', 'not', 'is not', 'are not', 'different from', 'except', 'excluding', 'not in'] },
  { operator: '=', before: ['equal to', 'equals', 'exactly', 'of exactly', 'is', 'are', 'equal', 'precisely'] },
];

/** Symbols, which need no blanks around them. */
export const comparisonSymbols: Readonly<Record<string, '=' | '<' | '<=' | '>' | '>='>> = { __proto__: null as never, '>': '>', '<': '<', '=': '=', '≥': '>=', '≤': '<=' };
