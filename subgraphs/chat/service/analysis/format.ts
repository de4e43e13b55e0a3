const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

export const formatNumber = (value: number): string => (Math.abs(value) >= 1 || value === 0 ? plain.format(value) : precise.format(value));

export const formatPercent = (share: number): string => `${plain.format(Math.round(share * 1000) / 10)} %`;

export const signed = (value: number): string => `${value > 0 ? '+' : ''}${formatNumber(value)}`;

export const signedPercent = (share: number): string => `${share > 0 ? '+' : ''}${formatPercent(share)}`;

/** `2024-06-01 00:00:00` is shown as the period that it stands for. */
export const formatTime = (at: string): string => at.replace(/[T ]00:00:00(\.0+)?Z?$/, '');

/** A column's name as a word in a sentence. */
export const wordsOf = (name: string): string => name.replaceAll('_', ' ').trim();
