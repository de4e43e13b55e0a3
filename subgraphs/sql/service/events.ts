/** What this domain publishes through the outbox, for search to index and dashboards to refresh. */
export const sqlEvents = {
  sourceRefreshed: 'sql.source.refreshed',
  sourceRemoved: 'sql.source.removed',
  verifiedQueryChanged: 'sql.verified_query.changed',
} as const;

export interface SourceEvent {
  readonly sourceId: string;
  readonly dataVersion?: string;
}
