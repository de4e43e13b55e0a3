import path from 'node:path';

import DataLoader from 'dataloader';

import type { Caller } from '#platform/auth';
import type { Database, MigrationFolder } from '#platform/db';
import type { EventBus } from '#platform/events';
import { buildSubgraph, type BuiltSubgraph } from '#platform/graphql';
import type { Logger } from '#platform/telemetry';

import { queryLoader, QueryResolver } from './resolvers/query.resolver';
import { toQuery, toSource } from './resolvers/present';
import { QuestionBatchResolver } from './resolvers/question-batch.resolver';
import { QuestionResolver } from './resolvers/question.resolver';
import { SourceResolver } from './resolvers/source.resolver';
import { VerifiedQueryResolver } from './resolvers/verified-query.resolver';
import { ModelAuthor } from './service/authors/model-author';
import { SemanticAuthor } from './service/authors/semantic-author';
import { VerifiedAuthor } from './service/authors/verified-author';
import { createResultCache } from './service/cache';
import { EngineRegistry } from './service/engine-registry';
import { checkSql } from './service/guard';
import type { ModelPort } from './service/ports';
import { QueryHistory } from './service/query-history';
import { QuestionReader } from './service/question-reader';
import { QuestionService } from './service/question.service';
import { ReviewService } from './service/review.service';
import { RivalReadings, type RivalBudget } from './service/rival-readings';
import { createRowGuard } from './service/row-guard';
import { RunningQueries } from './service/running-queries';
import type { Sandbox } from './service/sandbox';
import { SemanticModelService } from './service/semantic-model.service';
import { SourceService } from './service/source.service';
import { createFileImport } from './service/sources/file-import';
import { OpenSources } from './service/sources/open-sources';
import { checkConnection, createOpenSource, createVault } from './service/sources';
import type { ReadySource } from './service/sources/ready-source';
import { SourceDirectory } from './service/sources/source-directory';
import { StatementRunner } from './service/statement-runner';
import { StatementService } from './service/statement.service';
import { QuestionBatchService } from './service/together/question-batch.service';
import { VerifiedQueryService } from './service/verified-query.service';
import { QueryStore } from './store/query.store';
import type { SqlTables } from './store/rows';
import { SourceStore } from './store/source.store';
import { VerifiedQueryStore } from './store/verified-query.store';

export { prepareBuiltIn } from './service/demo/built-in';
export { createSandbox, type Sandbox } from './service/sandbox';
export { createOpenSource } from './service/sources';
export type { ReadySource } from './service/sources/ready-source';

export const sqlMigrations: MigrationFolder = { name: 'sql', directory: path.join(__dirname, 'store', 'migrations') };

export interface SqlDependencies {
  readonly db: Database;
  /** Corrections of conversations arrive here. */
  readonly bus: EventBus;
  readonly sandbox: Sandbox;
  /** Folder for files that tenants upload. */
  readonly filesDirectory: string;
  readonly builtIn: readonly ReadySource[];
  readonly models: ModelPort;
  readonly encryptionKey: string;
  readonly allowPrivateHosts: boolean;
  /** What comparing the readings of one question may cost. */
  readonly rivalBudget?: RivalBudget;
  /** Highest chance of being wrong with which a question is still answered, 0 to 1. @default 1 */
  readonly wrongAnswerRate?: number;
  readonly queryMaxBytes: number;
  readonly queryTimeoutSeconds: number;
  readonly uploadMaxBytes: number;
  readonly logger: Logger;
  readonly now?: () => Date;
}

export interface SqlSubgraph extends BuiltSubgraph {
  /** Adds a file of this machine as a source of a tenant, or refreshes it where it was added before. */
  importLocalFile(caller: Caller, file: string): Promise<ReadySource>;
  close(): Promise<void>;
}

/** The sql domain: sources, semantic models, questions, statements. */
export function createSqlSubgraph(deps: SqlDependencies): SqlSubgraph {
  const db = deps.db.withTables<SqlTables>();
  const sourceStore = new SourceStore();
  const verifiedStore = new VerifiedQueryStore();
  const vault = createVault(deps.encryptionKey);
  const open = new OpenSources({
    open: createOpenSource({ sandbox: deps.sandbox, allowPrivateHosts: deps.allowPrivateHosts }),
    unseal: vault.open,
  });
  const files = createFileImport({ sandbox: deps.sandbox, directory: deps.filesDirectory });
  const directory = new SourceDirectory({ db, store: sourceStore, builtIn: deps.builtIn });
  const history = new QueryHistory(db, new QueryStore());
  const running = new RunningQueries();
  const engines = new EngineRegistry({ minConfidence: 1 - (deps.wrongAnswerRate ?? 1) });
  const runner = new StatementRunner({
    sources: open,
    cache: createResultCache(),
    history,
    running,
    checkSql,
    rowGuard: createRowGuard(),
    maxBytes: deps.queryMaxBytes,
    defaultTimeoutSeconds: deps.queryTimeoutSeconds,
  });

  const verified = new VerifiedQueryService({ db, store: verifiedStore, directory, checkSql });
  verified.listen(deps.bus);
  const now = deps.now ?? (() => new Date());
  const statements = new StatementService({ directory, runner, history, running, now });
  const sources = new SourceService({
    db,
    store: sourceStore,
    directory,
    open,
    checkConnection: (kind, connection) => checkConnection(kind, connection, { allowPrivateHosts: deps.allowPrivateHosts }),
    seal: vault.seal,
    importUpload: files.importUpload,
    removeFile: files.remove,
    uploadMaxBytes: deps.uploadMaxBytes,
  });
  const questions = new QuestionService({
    directory,
    engines,
    reader: new QuestionReader({
      directory,
      history,
      now,
      authors: [
        new VerifiedAuthor((caller, sourceId) => verified.examples(caller, sourceId)),
        new SemanticAuthor(engines),
        new ModelAuthor({ models: deps.models, runner, checkSql, examples: (caller, sourceId) => verified.examples(caller, sourceId) }),
      ],
    }),
    rivals: new RivalReadings(runner, deps.rivalBudget),
    runner,
    history,
    now,
  });
  const models = new SemanticModelService({ db, store: sourceStore, directory });

  const built = buildSubgraph({
    name: 'sql',
    resolvers: [QuestionResolver, QuestionBatchResolver, QueryResolver, SourceResolver, VerifiedQueryResolver],
    instances: [
      new QuestionResolver(questions, statements, new ReviewService(directory)),
      new QuestionBatchResolver(new QuestionBatchService({ questions, runner })),
      new QueryResolver(statements, sources),
      new SourceResolver(sources, models),
      new VerifiedQueryResolver(verified),
    ],
    references: {
      SqlQuery: async ({ id }, context) => {
        const query = await queryLoader(statements, context).load(id);
        return query ? toQuery(query) : null;
      },
      Source: async ({ id }, context) => {
        const loader = context.loader(
          'sql.source',
          () => new DataLoader((ids: readonly string[]) => sources.findMany(context.caller, ids)),
        );
        const source = await loader.load(id);
        return source ? toSource(source) : null;
      },
    },
  });

  return {
    ...built,
    importLocalFile: async (caller, file) => sources.addLocal(caller, await files.importLocal(caller.tenantId, file)),
    close: () => open.close(),
  };
}
