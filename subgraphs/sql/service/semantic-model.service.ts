import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';
import { appendToOutbox } from '#platform/events';

import type { SqlTables } from '../store/rows';
import type { SourceStore } from '../store/source.store';

import { sqlEvents } from './events';
import { policy } from './policy';
import { draftModel, importDbt, isDbt, parseModel, printModel, validateModel, type SemanticModel } from './semantic-model';
import type { SourceDirectory } from './sources/source-directory';

export interface ModelView {
  readonly sourceId: string;
  readonly model: SemanticModel;
  readonly yaml: string;
  readonly inferred: boolean;
}

const putRules = z.object({ sourceId: z.string(), model: z.unknown().optional(), yaml: z.string().max(1_000_000).nullish() });

/** What the tables of a source mean, as people have edited it or as it was inferred. */
export class SemanticModelService {
  constructor(
    private readonly parts: { readonly db: Database<SqlTables>; readonly store: SourceStore; readonly directory: SourceDirectory },
  ) {}

  async get(caller: Caller, sourceId: string): Promise<ModelView> {
    policy.require(caller, 'source:read');
    const { id, model, modelInferred } = await this.parts.directory.require(caller, sourceId);
    return { sourceId: id, model, yaml: printModel(model), inferred: modelInferred };
  }

  async draft(caller: Caller, sourceId: string): Promise<ModelView> {
    policy.require(caller, 'source:read');
    const { id, catalog } = await this.parts.directory.require(caller, sourceId);
    const model = draftModel(catalog);
    return { sourceId: id, model, yaml: printModel(model), inferred: true };
  }

  async put(caller: Caller, input: unknown): Promise<ModelView> {
    policy.require(caller, 'source:write');
    const { sourceId, model: given, yaml } = readInput(putRules, input);
    if ((given == null) === (yaml == null)) throw errors.INVALID_REQUEST({ what: 'the request', hint: 'give either model or yaml' });
    const { tenantId, catalog } = await this.parts.directory.require(caller, sourceId);
    if (tenantId === null) throw errors.FORBIDDEN({ hint: 'the demo sources cannot be changed; add a source of your own' });
    const text = yaml ?? JSON.stringify(given);
    const model = isDbt(text) ? importDbt(text, catalog) : parseModel(text);
    const problems = validateModel(model, catalog);
    if (problems.length > 0) {
      throw errors.INVALID_REQUEST(
        { what: 'the semantic model', hint: problems[0]!.message },
        { field: problems[0]!.path, details: { problems } },
      );
    }
    await this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const updated = await this.parts.store.update(
        tx,
        { tenantId: caller.tenantId, id: sourceId },
        { model: json(model), refreshed_at: new Date() },
      );
      if (!updated) throw errors.NOT_FOUND({ kind: 'source' });
      await appendToOutbox(tx, {
        tenantId: caller.tenantId,
        topic: `source:${sourceId}`,
        type: sqlEvents.sourceRefreshed,
        data: { sourceId },
      });
    });
    return { sourceId, model, yaml: printModel(model), inferred: false };
  }
}
