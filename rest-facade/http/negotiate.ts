import { errors } from '#platform/errors';

/** Throws NOT_ACCEPTABLE where `Accept` rules out every type offered (RFC 9110 §12.5.1; a weight of 0 rules out). */
export function requireAcceptable(accept: string | undefined, offered: readonly string[]): void {
  if (!accept || accept === '*/*' || offered.includes(accept) || accept.trim() === '') return;
  const ranges = accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { range, ruledOut: weight !== undefined && Number(weight) === 0 };
  });
  const accepts = (type: string): boolean => {
    const family = `${type.split('/')[0]}/*`;
    const match =
      ranges.find(({ range }) => range === type) ??
      ranges.find(({ range }) => range === family) ??
      ranges.find(({ range }) => range === '*/*');
    return match !== undefined && !match.ruledOut;
  };
  if (!offered.some(accepts)) throw errors.NOT_ACCEPTABLE({ types: offered.join(', ') });
}
