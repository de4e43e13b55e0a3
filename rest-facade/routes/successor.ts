import type { CompiledRoute } from '../view/compile-route';
import { deprecationHeaders, versionDeprecation, type ApiVersion } from './deprecation';

const fullPath = ({ version, spec }: CompiledRoute): string => `/api/${version}${spec.path}`;

/** The route that a client of a deprecated one should move to: the field its reason names, else the same field in the version's successor. */
export function successorOf(route: CompiledRoute, version: ApiVersion, all: readonly CompiledRoute[]): CompiledRoute | undefined {
  const wanted = route.deprecation?.successor ?? route.spec.field;
  const others = all.filter((other) => other.spec.field === wanted && other !== route);
  const next = version.deprecated?.successor;
  return (
    others.find((other) => other.version === (next ?? route.version)) ??
    others.find((other) => other.version === route.version) ??
    others.at(-1)
  );
}

/** The deprecation headers of a route, a function of its path parameters; undefined where nothing about it is deprecated. */
export function deprecationOf(
  route: CompiledRoute,
  version: ApiVersion,
  all: readonly CompiledRoute[],
): ((params: Readonly<Record<string, string>>) => Record<string, string>) | undefined {
  const deprecation = route.deprecation ?? versionDeprecation(version);
  if (!deprecation) return undefined;
  const successor = successorOf(route, version, all);
  const path = successor && fullPath(successor);
  return (params) => {
    const filled = path?.replace(/:(\w+)/g, (placeholder, name: string) =>
      params[name] === undefined ? placeholder : encodeURIComponent(params[name]),
    );
    // A successor that needs something this request did not name can't be linked to.
    return deprecationHeaders(deprecation, filled?.includes('/:') ? undefined : filled);
  };
}
