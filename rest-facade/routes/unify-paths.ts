import type { RouteSpec } from './route-spec';

const isParameter = (segment: string): boolean => segment.includes(':');
const nameOf = (segment: string): string => segment.slice(segment.indexOf(':') + 1);
const segmentsOf = (path: string): readonly string[] => path.split('/').slice(1);

/** A place in the tree of addresses, whatever its parameters are called: `/bi/dashboards/:`. */
const placeOf = (segments: readonly string[], index: number): string =>
  segments
    .slice(0, index + 1)
    .join('/')
    .replace(/:\w+/g, ':');

/**
 * One name for each parameter's place: a query says `:id` where a mutation says `:dashboard_id`, and to a client both are one address. The
 * telling name wins over `id`; `aliases` remembers what the graph calls it.
 */
export function unifyPaths(specs: readonly RouteSpec[]): readonly RouteSpec[] {
  const best = new Map<string, string>();
  for (const { path } of specs) {
    segmentsOf(path).forEach((segment, index, all) => {
      if (!isParameter(segment)) return;
      const [place, name] = [placeOf(all, index), nameOf(segment)];
      const known = best.get(place);
      if (known === undefined || isBetter(name, known)) best.set(place, name);
    });
  }
  return specs.map((spec) => rename(spec, best));
}

const isBetter = (name: string, known: string): boolean =>
  (known === 'id') !== (name === 'id') ? known === 'id' : name.length > known.length || (name.length === known.length && name < known);

function rename(spec: RouteSpec, best: ReadonlyMap<string, string>): RouteSpec {
  const aliases: Record<string, string> = {};
  const segments = segmentsOf(spec.path).map((segment, index, all) => {
    if (!isParameter(segment)) return segment;
    const name = best.get(placeOf(all, index))!;
    aliases[name] = nameOf(segment);
    return segment.replace(/:\w+/, `:${name}`);
  });
  const parameters = segments.filter(isParameter).map(nameOf);
  // Two places of one path with one name would lose a value.
  return new Set(parameters).size < parameters.length
    ? spec
    : { ...spec, path: segments.map((segment) => `/${segment}`).join(''), aliases };
}
