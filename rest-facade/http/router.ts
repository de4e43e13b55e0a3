/** Matches a method and path to what was registered for it. Fixed segments win over parameters, whatever the order of registration. */
export interface Router<Target> {
  add(method: string, path: string, target: Target): void;
  find(method: string, path: string): Found<Target>;
  /** Every registered address, in order: `GET /api/v1/…/:id`. */
  readonly addresses: readonly string[];
}

export type Found<Target> =
  | { readonly outcome: 'found'; readonly target: Target; readonly params: Readonly<Record<string, string>> }
  | { readonly outcome: 'wrong-method'; readonly allow: readonly string[] }
  | { readonly outcome: 'unknown' };

interface Branch<Target> {
  readonly fixed: Map<string, Branch<Target>>;
  /** Segments such as `:id` or `chart.:format`. */
  readonly patterns: { readonly prefix: string; readonly branch: Branch<Target> }[];
  readonly targets: Map<string, { readonly target: Target; readonly names: readonly string[] }>;
}

const newBranch = <Target>(): Branch<Target> => ({ fixed: new Map(), patterns: [], targets: new Map() });
const split = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

export function createRouter<Target>(): Router<Target> {
  const root = newBranch<Target>();
  const addresses: string[] = [];

  const grow = (branch: Branch<Target>, segment: string): Branch<Target> => {
    const colon = segment.indexOf(':');
    if (colon < 0) {
      const next = branch.fixed.get(segment) ?? newBranch<Target>();
      branch.fixed.set(segment, next);
      return next;
    }
    const prefix = segment.slice(0, colon);
    const known = branch.patterns.find((pattern) => pattern.prefix === prefix);
    if (known) return known.branch;
    const pattern = { prefix, branch: newBranch<Target>() };
    branch.patterns.push(pattern);
    // The longest prefix is the most specific.
    branch.patterns.sort((a, b) => b.prefix.length - a.prefix.length);
    return pattern.branch;
  };

  const walk = (
    branch: Branch<Target>,
    segments: readonly string[],
    values: readonly string[],
  ): { branch: Branch<Target>; values: readonly string[] }[] => {
    const [segment, ...rest] = segments;
    if (segment === undefined) return branch.targets.size > 0 ? [{ branch, values }] : [];
    const fixed = branch.fixed.get(segment);
    const exact = fixed ? walk(fixed, rest, values) : [];
    const open = branch.patterns
      .filter(({ prefix }) => segment.startsWith(prefix) && segment.length > prefix.length)
      .flatMap(({ prefix, branch: next }) => walk(next, rest, [...values, segment.slice(prefix.length)]));
    return [...exact, ...open];
  };

  return {
    addresses,
    add(method, path, target) {
      const segments = split(path);
      const branch = segments.reduce(grow, root);
      if (branch.targets.has(method)) throw new Error(`${method} ${path} is registered twice.`);
      const names = segments.filter((segment) => segment.includes(':')).map((segment) => segment.slice(segment.indexOf(':') + 1));
      branch.targets.set(method, { target, names });
      addresses.push(`${method} ${path}`);
    },
    find(method, path) {
      const segments = decode(path);
      const candidates = segments ? walk(root, segments, []) : [];
      if (candidates.length === 0) return { outcome: 'unknown' };
      for (const { branch, values } of candidates) {
        const known = branch.targets.get(method);
        if (known)
          return {
            outcome: 'found',
            target: known.target,
            params: Object.fromEntries(known.names.map((name, index) => [name, values[index]!])),
          };
      }
      return { outcome: 'wrong-method', allow: allowed(candidates.flatMap(({ branch }) => [...branch.targets.keys()])) };
    },
  };
}

const allowed = (methods: readonly string[]): readonly string[] =>
  [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].sort();

/** Undefined where a segment is not valid percent-encoding. */
function decode(path: string): string[] | undefined {
  try {
    return split(path).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
