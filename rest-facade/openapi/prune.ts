import type { JsonSchema } from './json-schema';

type Components = Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;

/** Leaves out the components that no path reaches. */
export function pruneUnused(document: JsonSchema): JsonSchema {
  const components = document.components as Components;
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { $ref: reference } = value as { $ref?: unknown };
    if (typeof reference === 'string' && !used.has(reference)) {
      used.add(reference);
      const [, , group = '', name = ''] = reference.split('/');
      visit(components[group]?.[name]);
    }
    Object.values(value).forEach(visit);
  };
  visit(document.paths);
  const kept = Object.entries(components).map(([group, members]) => [
    group,
    group === 'securitySchemes'
      ? members
      : Object.fromEntries(Object.entries(members).filter(([name]) => used.has(`#/components/${group}/${name}`))),
  ]);
  return { ...document, components: Object.fromEntries(kept) as Components };
}
