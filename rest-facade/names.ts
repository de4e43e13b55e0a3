/** `maxRows` → `max_rows`, `aucROC` → `auc_roc`. */
export const toSnake = (name: string): string =>
  name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** `max_rows` → `maxRows`. */
export const toCamel = (name: string): string => name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** GraphQL writes `BAR_CHART`, REST `bar_chart`; values that GraphQL already writes in lower case stay as they are. */
export const toRestEnum = (value: string): string => (/^[A-Z0-9_]+$/.test(value) ? value.toLowerCase() : toSnake(value));

/** `MlModel` → `ml model`, for sentences. */
export const toWords = (name: string): string => toSnake(name).replace(/_/g, ' ');

export const toPascal = (name: string): string => {
  const camel = toCamel(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
};

/**
 * Keys of our own structured facts (an error's `details`) in snake_case, at every depth. Keys that are not plain camelCase are somebody's
 * data (a provider's name, a column) and stay.
 */
export function snakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [/^[a-z][A-Za-z0-9]*$/.test(key) ? toSnake(key) : key, snakeKeys(inner)]),
  );
}
