import type { SemanticModel } from '../semantic-model';
import type { Catalog } from '../engine';

import type { SourceKind } from './types';

/** A source as the services use it, whoever keeps its record. */
export interface ReadySource {
  readonly id: string;
  /** Null for a built-in source, which every tenant sees and nobody changes. */
  readonly tenantId: string | null;
  readonly name: string;
  readonly kind: SourceKind;
  readonly status: string;
  readonly problem: string | null;
  readonly file?: string;
  readonly connection: Readonly<Record<string, unknown>>;
  /** Sealed; opened only when the source is. */
  readonly sealedCredentials: string | null;
  readonly catalog: Catalog;
  readonly model: SemanticModel;
  /** True where the model was drafted from the catalog and nobody has edited it. */
  readonly modelInferred: boolean;
  readonly dataVersion: string;
  readonly createdAt: Date;
  readonly refreshedAt: Date;
}
