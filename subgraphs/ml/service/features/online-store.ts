/** The latest features of one entity. */
export interface OnlineRow {
  readonly entity: string;
  readonly features: Readonly<Record<string, unknown>>;
  readonly eventTime: Date;
}

export interface OnlineKey {
  readonly tenantId: string;
  readonly featureSetId: string;
}

/** Where features of entities are answered from. Filled whole: a reader sees all of the old rows or all of the new ones. */
export interface OnlineStore {
  replace(key: OnlineKey, rows: readonly OnlineRow[]): Promise<void>;
  /** Those that are there, in any order. */
  read(key: OnlineKey, entities: readonly string[]): Promise<OnlineRow[]>;
  close(): void;
}
