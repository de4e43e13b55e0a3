/** What this domain publishes through the outbox. It listens to its own: writing a document and indexing it are two steps. */
export const searchEvents = {
  documentChanged: 'search.document.changed',
  documentRemoved: 'search.document.removed',
} as const;

export interface DocumentEvent {
  readonly documentId: string;
}
