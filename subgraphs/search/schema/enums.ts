import { registerEnumType } from 'type-graphql';

const enumOf = <Value extends string>(values: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));

export const SearchMode = enumOf(['hybrid', 'vector', 'keyword'] as const);
export const DocumentFormat = enumOf(['text', 'markdown', 'html', 'pdf', 'docx'] as const);
export const DocumentStatus = enumOf(['indexing', 'ready', 'failed'] as const);

registerEnumType(SearchMode, { name: 'SearchMode', description: 'Search by meaning, by words, or by both.' });
registerEnumType(DocumentFormat, { name: 'DocumentFormat', description: 'What a document is written in.' });
registerEnumType(DocumentStatus, { name: 'DocumentStatus', description: 'Whether a document can be found yet.' });
