/** What `@deprecated(reason:)` says: free text that may hold `since 2026-11-01`, `sunset 2027-05-01` and `use otherField`. */
export interface Deprecation {
  readonly reason: string;
  /** Unix seconds; RFC 9745. */
  readonly since?: number;
  /** HTTP date; RFC 8594. */
  readonly sunset?: string;
  /** The field of the graph that replaces it. */
  readonly successor?: string;
}

/** A version of the API as a whole. */
export interface ApiVersion {
  readonly name: string;
  /** Set where the whole version is on its way out; dates as `2027-05-01`. */
  readonly deprecated?: { readonly since: string; readonly sunset?: string; readonly successor?: string };
  /** True leaves deprecated fields out of this version: a new version starts clean. @default false */
  readonly hidesDeprecated?: boolean;
}

const day = (text: string | undefined): number | undefined => {
  const time = text === undefined ? Number.NaN : Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) ? undefined : time;
};

export function readDeprecation(reason: string | null | undefined): Deprecation | undefined {
  if (reason === null || reason === undefined) return undefined;
  const since = day(/\bsince (\d{4}-\d\d-\d\d)/i.exec(reason)?.[1]);
  const sunset = day(/\bsunset (\d{4}-\d\d-\d\d)/i.exec(reason)?.[1]);
  const successor = /\buse [`"']?(\w+)/i.exec(reason)?.[1];
  return {
    reason,
    ...(since === undefined ? {} : { since: since / 1000 }),
    ...(sunset === undefined ? {} : { sunset: new Date(sunset).toUTCString() }),
    ...(successor === undefined ? {} : { successor }),
  };
}

export function versionDeprecation({ name, deprecated }: ApiVersion): Deprecation | undefined {
  if (!deprecated) return undefined;
  const { since, sunset } = deprecated;
  return readDeprecation(`API ${name} is deprecated since ${since}${sunset ? `, sunset ${sunset}` : ''}`);
}

/** RFC 9745 and RFC 8594. Without a date the field is deprecated from the beginning of time, which is what "already" means there. */
export function deprecationHeaders({ since, sunset }: Deprecation, successorPath: string | undefined): Record<string, string> {
  return {
    Deprecation: `@${since ?? 0}`,
    ...(sunset === undefined ? {} : { Sunset: sunset }),
    ...(successorPath === undefined ? {} : { Link: `<${successorPath}>; rel="successor-version"` }),
  };
}
