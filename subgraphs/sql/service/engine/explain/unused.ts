import type { Token } from '../text/types';

const idle = new Set(
  'please there were was is are show list give find tell display get me us all total overall many much number data information result results record records entry entries each every using use based database table kindly like would happen happened happening made make exist exists existing currently respectively following shown per been place come comes came placed made took taken go going went question'.split(
    ' ',
  ),
);

/** Content words of the question that no clause of the query came from. */
export const unusedTokens = (tokens: readonly Token[], used: ReadonlySet<number>): Token[] =>
  tokens.filter((token) => !token.stop && !used.has(token.index) && !idle.has(token.lower));

export const contentTokens = (tokens: readonly Token[]): Token[] => tokens.filter((token) => !token.stop && !idle.has(token.lower));
