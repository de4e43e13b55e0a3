import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { PageArgs, Rest, type Connection, type RequestContext } from '#platform/graphql';

import {
  CloneDashboardInput,
  CreateDashboardInput,
  CreateFromTemplateInput,
  DashboardIdInput,
  ImportDashboardInput,
  RestoreVersionInput,
  UpdateDashboardInput,
} from '../schema/dashboard.input';
import { Dashboard, DashboardConnection, DashboardTemplate, DashboardVersion } from '../schema/dashboard.type';
import { DashboardSort, DashboardVisibility } from '../schema/enums';
import type { DashboardService } from '../service/dashboard/dashboard.service';
import type { HistoryService } from '../service/dashboard/history.service';
import type { TemplateService } from '../service/templates/template.service';

import { toDashboard } from './present';

const tags = ['Dashboards'];

@Resolver(() => Dashboard)
export class DashboardResolver {
  constructor(
    private readonly dashboards: DashboardService,
    private readonly history: HistoryService,
    private readonly templates: TemplateService,
  ) {}

  @Rest({ method: 'GET', path: '/bi/dashboards/:id', tags })
  @Query(() => Dashboard, { nullable: true, description: 'One dashboard.' })
  async dashboard(
    @Arg('id', () => ID, { description: 'The dashboard.' }) id: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.dashboards.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/bi/dashboards', tags, depth: 2 })
  @Query(() => DashboardConnection, { name: 'dashboards', description: 'Dashboards that the caller may see.' })
  async listDashboards(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('visibility', () => DashboardVisibility, { nullable: true, description: 'Only of this visibility.' })
    visibility: string | undefined,
    @Arg('tag', () => String, { nullable: true, description: 'Only with this tag.' }) tag: string | undefined,
    @Arg('q', () => String, { nullable: true, description: 'Only with this in the name.' }) q: string | undefined,
    @Arg('sort', () => DashboardSort, { nullable: true, description: 'Order. Default UPDATED_AT.' }) sort: string | undefined,
    @Arg('deleted', () => Boolean, { nullable: true, description: 'Only deleted ones, which can be restored for 30 days.' })
    deleted: boolean | undefined,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<Dashboard>> {
    const found = await this.dashboards.list(caller, page, { visibility, tag, q, sort, deleted });
    return {
      ...found,
      nodes: found.nodes.map(toDashboard),
      edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toDashboard(node) })),
    };
  }

  @Rest({ method: 'POST', path: '/bi/dashboards', status: 201, tags })
  @Mutation(() => Dashboard, { description: 'Makes an empty dashboard.' })
  async createDashboard(
    @Arg('input', () => CreateDashboardInput) input: CreateDashboardInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.dashboards.create(caller, input));
  }

  @Rest({ method: 'PUT', path: '/bi/dashboards/:dashboard_id', tags })
  @Rest({ method: 'PATCH', path: '/bi/dashboards/:dashboard_id', tags })
  @Mutation(() => Dashboard, { description: 'Changes name, description, visibility, tags or filters.' })
  async updateDashboard(
    @Arg('input', () => UpdateDashboardInput) input: UpdateDashboardInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.dashboards.update(caller, input));
  }

  @Rest({ method: 'DELETE', path: '/bi/dashboards/:dashboard_id', tags })
  @Mutation(() => Dashboard, { description: 'Deletes a dashboard; it can be restored for 30 days. For its owner and administrators.' })
  async deleteDashboard(
    @Arg('input', () => DashboardIdInput) { dashboardId, expectedVersion }: DashboardIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.dashboards.remove(caller, dashboardId, expectedVersion));
  }

  @Rest({ method: 'POST', path: '/bi/dashboards/:dashboard_id/restore', tags })
  @Mutation(() => Dashboard, { description: 'Brings back a deleted dashboard.' })
  async restoreDashboard(
    @Arg('input', () => DashboardIdInput) { dashboardId }: DashboardIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.dashboards.undelete(caller, dashboardId));
  }

  @Rest({ method: 'POST', path: '/bi/dashboards/:dashboard_id/clone', status: 201, tags })
  @Mutation(() => Dashboard, { description: 'Copies a dashboard into a private one of the caller.' })
  async cloneDashboard(
    @Arg('input', () => CloneDashboardInput) input: CloneDashboardInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.history.clone(caller, input));
  }

  @Rest({ method: 'POST', path: '/bi/dashboards/import', status: 201, tags })
  @Mutation(() => Dashboard, { description: 'Makes a dashboard from an exported document.' })
  async importDashboard(
    @Arg('input', () => ImportDashboardInput) { document }: ImportDashboardInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.history.importDocument(caller, document));
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/templates', tags })
  @Query(() => [DashboardTemplate], { description: 'Templates for dashboards.' })
  dashboardTemplates(@Ctx() { caller }: RequestContext): readonly DashboardTemplate[] {
    return this.templates.list(caller);
  }

  @Rest({ method: 'POST', path: '/bi/dashboards/templates/:template', status: 201, tags })
  @Mutation(() => Dashboard, { description: 'Makes a dashboard from a template.' })
  async createDashboardFromTemplate(
    @Arg('input', () => CreateFromTemplateInput) input: CreateFromTemplateInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.templates.create(caller, input));
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/versions', tags })
  @Query(() => [DashboardVersion], { description: 'Versions of a dashboard, newest first, each with what it changed.' })
  dashboardVersions(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<DashboardVersion[]> {
    return this.history.versions(caller, dashboardId) as Promise<DashboardVersion[]>;
  }

  @Rest({ method: 'POST', path: '/bi/dashboards/:dashboard_id/versions/:version/restore', tags })
  @Mutation(() => Dashboard, { description: 'Goes back to a version; the versions in between stay.' })
  async restoreDashboardVersion(
    @Arg('input', () => RestoreVersionInput) input: RestoreVersionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.history.restore(caller, input));
  }
}
