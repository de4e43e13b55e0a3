import DataLoader from 'dataloader';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';

import { Json, PageArgs, readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';

import {
  BinaryFile,
  EditModelInput,
  ImportModelInput,
  MlModel,
  MlModelConnection,
  MlModelVersion,
  ModelDrift,
  SetModelStageInput,
} from '../schema/model.type';
import { SqlQuery } from '../schema/training.type';
import type { DriftService } from '../service/drift.service';
import type { ModelView, RegistryService } from '../service/registry.service';

import { toModel, toVersion } from './present';

const tags = ['Models'];

/** One store query for all model references of a request. */
export const modelLoader = (registry: RegistryService, context: RequestContext): DataLoader<string, ModelView | null> =>
  context.loader('ml.model', () => new DataLoader((ids: readonly string[]) => registry.findMany(context.caller, ids)));

@Resolver(() => MlModel)
export class ModelResolver {
  constructor(
    private readonly registry: RegistryService,
    private readonly drift: DriftService,
  ) {}

  @Rest({ method: 'GET', path: '/ml/models', tags, depth: 2 })
  @Rest({ method: 'GET', path: '/ml/registry/models', tags, depth: 2 })
  @Query(() => MlModelConnection, { description: 'Models of the tenant, newest first.' })
  async mlModels(@Args(() => PageArgs) args: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<MlModel>> {
    const scope = `ml_models:${caller.tenantId}`;
    const page = readPage(args, scope);
    const all = (await this.registry.list(caller)).map(toModel);
    const start = page.after ? all.findIndex(({ id }) => id === page.after![0]) + 1 : page.offset;
    return toConnection({ items: all.slice(start, start + page.limit + 1), page, scope, keyOf: ({ id }) => [id], totalCount: all.length });
  }

  @Rest({ method: 'GET', path: '/ml/models/:id', tags, depth: 2 })
  @Query(() => MlModel, { nullable: true, description: 'One model with its versions.' })
  async mlModel(
    @Arg('id', () => ID, { description: 'The model, by id or name.' }) id: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<MlModel> {
    return toModel(await this.registry.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/ml/registry/models/:model_id/versions/:version', tags })
  @Query(() => MlModelVersion, { nullable: true, description: 'One version of a model.' })
  async mlModelVersion(
    @Arg('modelId', () => ID, { description: 'The model.' }) modelId: string,
    @Arg('version', () => Int, { description: 'The version.' }) version: number,
    @Ctx() { caller }: RequestContext,
  ): Promise<MlModelVersion> {
    return toVersion(await this.registry.version(caller, modelId, version));
  }

  @Rest({ method: 'POST', path: '/ml/registry/models/:model_id/versions/:version/stage', tags })
  @Mutation(() => MlModelVersion, { description: 'Moves a version to a stage. Production waits for the approval of an administrator.' })
  async setModelStage(
    @Arg('input', () => SetModelStageInput) input: SetModelStageInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<MlModelVersion> {
    return toVersion(await this.registry.setStage(caller, input));
  }

  @Rest({ method: 'PATCH', path: '/ml/registry/models/:model_id', tags, depth: 2 })
  @Mutation(() => MlModel, { description: 'Sets tags and aliases.' })
  async editModel(@Arg('input', () => EditModelInput) input: EditModelInput, @Ctx() { caller }: RequestContext): Promise<MlModel> {
    return toModel(await this.registry.edit(caller, input));
  }

  @Rest({ method: 'POST', path: '/ml/registry/import', status: 201, tags })
  @Mutation(() => MlModelVersion, { description: 'Takes in a model in ONNX form.' })
  async importModel(
    @Arg('input', () => ImportModelInput) input: ImportModelInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<MlModelVersion> {
    return toVersion(await this.registry.importOnnx(caller, input));
  }

  @Rest({ method: 'GET', path: '/ml/registry/models/:model_id/versions/:version/onnx', tags })
  @Query(() => BinaryFile, { description: 'A version in ONNX form.' })
  async exportModel(
    @Arg('modelId', () => ID, { description: 'The model.' }) modelId: string,
    @Arg('version', () => Int, { description: 'The version.' }) version: number,
    @Ctx() { caller }: RequestContext,
  ): Promise<BinaryFile> {
    const { filename, content } = await this.registry.exportOnnx(caller, modelId, version);
    return { contentType: 'application/octet-stream', filename, base64: content.toString('base64') };
  }

  @Rest({ method: 'GET', path: '/ml/registry/models/:model_id/versions/:version/report', tags })
  @Query(() => Json, { nullable: true, description: 'What the training of a version measured, drawn: a Vega-Lite document.' })
  async modelReport(
    @Arg('modelId', () => ID, { description: 'The model.' }) modelId: string,
    @Arg('version', () => Int, { description: 'The version.' }) version: number,
    @Ctx() { caller }: RequestContext,
  ): Promise<unknown> {
    return this.registry.report(caller, modelId, version);
  }

  @Rest({ method: 'GET', path: '/ml/models/:model_id/drift', tags })
  @Query(() => ModelDrift, { nullable: true, description: 'How what a model is asked differs from what it learned from.' })
  modelDrift(
    @Arg('modelId', () => ID, { description: 'The model.' }) modelId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<ModelDrift> {
    return this.drift.drift(caller, modelId);
  }

  @FieldResolver(() => SqlQuery, { nullable: true, description: 'The query whose rows its newest version learned from.' })
  trainedOn(@Root() { versions }: MlModel): SqlQuery | null {
    const { queryId } = (versions[0]?.lineage ?? {}) as { queryId?: string };
    return queryId ? Object.assign(new SqlQuery(), { id: queryId }) : null;
  }
}
