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
  readonly targets: Map<string, Registered<Target>>;
}

interface Registered<Target> {
  readonly target: Target;
  readonly names: readonly string[];
}

/** One path on its way through the branches. */
interface Way<Target> {
  readonly segments: readonly string[];
  /** Of the patterns passed so far. */
  readonly values: string[];
  takes(branch: Branch<Target>): boolean;
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

  /** Depth first, fixed segments before patterns, until a branch is taken. */
  const walk = (branch: Branch<Target>, at: number, way: Way<Target>): boolean => {
    const segment = way.segments[at];
    if (segment === undefined) return way.takes(branch);
    const fixed = branch.fixed.get(segment);
    if (fixed && walk(fixed, at + 1, way)) return true;
    for (const { prefix, branch: next } of branch.patterns) {
      if (segment.length <= prefix.length || !segment.startsWith(prefix)) continue;
      way.values.push(segment.slice(prefix.length));
      if (walk(next, at + 1, way)) return true;
      way.values.pop();
    }
    return false;
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
      if (!segments) return { outcome: 'unknown' };
      const values: string[] = [];
      const others: string[] = [];
      let known: Registered<Target> | undefined;
      const takes = ({ targets }: Branch<Target>): boolean => {
        known = targets.get(method);
        if (!known) others.push(...targets.keys());
        return known !== undefined;
      };
      walk(root, 0, { segments, values, takes });
      if (known) return { outcome: 'found', target: known.target, params: named(known.names, values) };
      return others.length === 0 ? { outcome: 'unknown' } : { outcome: 'wrong-method', allow: allowed(others) };
    },
  };
}

const allowed = (methods: readonly string[]): readonly string[] =>
  [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].sort();

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  names.forEach((name, index) => (params[name] = values[index]!));
  return params;
}

/** Undefined where a segment is not valid percent-encoding. */
function decode(path: string): string[] | undefined {
  if (!path.includes('%')) return split(path);
  try {
    return split(path).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
