export interface Token {
  index: number;
  /** As written. */
  text: string;
  lower: string;
  stem: string;
  /** Offsets in the question. */
  start: number;
  end: number;
  kind: 'word' | 'number' | 'quoted' | 'punctuation';
  /** Begins with a capital, and is not the first word. */
  capital: boolean;
  /** Of a number, in digits or spelled out. */
  value?: number;
  stop: boolean;
}
