import type { Generated } from 'kysely';

export interface DocumentRow {
  tenant_id: string;
  id: string;
  title: string;
  format: string;
  content: string;
  content_hash: string;
  tags: string[];
  status: string;
  problem: string | null;
  part_count: Generated<number>;
  created_by: string;
  created_at: Generated<Date>;
  indexed_at: Date | null;
}

export interface IndexedRow {
  tenant_id: string;
  collection: string;
  owner_id: string;
  entry_count: number;
  model: string;
  embedded: boolean;
  indexed_at: Generated<Date>;
}

export interface GenerationRow {
  tenant_id: string;
  model: string;
  dimension: number;
  state: 'serving' | 'filling' | 'retired';
  since: Generated<Date>;
}

export type ThingKind = 'source' | 'conversation' | 'dashboard' | 'document';

export interface ThingRow {
  tenant_id: string;
  kind: ThingKind;
  owner_id: string;
  /** `int8`, hence a string. */
  revision: Generated<string>;
}

export interface SearchTables {
  search_documents: DocumentRow;
  search_indexed: IndexedRow;
  search_generations: GenerationRow;
  search_things: ThingRow;
}
