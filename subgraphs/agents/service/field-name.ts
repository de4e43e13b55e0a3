/** The place of a fault as clients write it: `limits.max_iterations` for `config.limits.maxIterations`, whose settings travel flat. */
export const wireName = (path: readonly PropertyKey[]): string =>
  path
    .filter((part, place) => !(place === 0 && part === 'config'))
    .map((part) => String(part).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
    .join('.');
