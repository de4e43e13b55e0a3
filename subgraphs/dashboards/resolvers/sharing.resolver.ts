import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { Json, Rest, type RequestContext } from '#platform/graphql';

import { CreateDashboardLinkInput, DashboardLinkIdInput, ShareDashboardInput } from '../schema/dashboard.input';
import { DashboardLink, SharedDashboard } from '../schema/dashboard.type';
import type { HistoryService } from '../service/dashboard/history.service';
import type { SharingService } from '../service/sharing/sharing.service';

import { toDashboard } from './present';

const tags = ['Sharing'];

@Resolver()
export class SharingResolver {
  constructor(
    private readonly sharing: SharingService,
    private readonly history: HistoryService,
  ) {}

  @Rest({ method: 'POST', path: '/bi/dashboards/:dashboard_id/share', tags })
  @Mutation(() => SharedDashboard, { description: 'Sets who else may see or edit a dashboard.' })
  async shareDashboard(
    @Arg('input', () => ShareDashboardInput) input: ShareDashboardInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SharedDashboard> {
    const { dashboard, shares } = await this.sharing.share(caller, input);
    return { dashboard: toDashboard(dashboard), shares };
  }

  @Rest({ method: 'POST', path: '/bi/dashboards/:dashboard_id/links', status: 201, tags })
  @Mutation(() => DashboardLink, { description: 'Makes a read-only link that shows what the caller sees, until it ends or is revoked.' })
  createDashboardLink(
    @Arg('input', () => CreateDashboardLinkInput) input: CreateDashboardLinkInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<DashboardLink> {
    return this.sharing.createLink(caller, input);
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/links', tags })
  @Query(() => [DashboardLink], { description: 'Links of a dashboard, without their secrets.' })
  dashboardLinks(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<DashboardLink[]> {
    return this.sharing.links(caller, dashboardId);
  }

  @Rest({ method: 'DELETE', path: '/bi/dashboards/:dashboard_id/links/:link_id', tags })
  @Mutation(() => DashboardLink, { description: 'Revokes a link, at once.' })
  revokeDashboardLink(
    @Arg('input', () => DashboardLinkIdInput) input: DashboardLinkIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<DashboardLink> {
    return this.sharing.revokeLink(caller, input);
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/document', tags })
  @Query(() => Json, { description: 'A dashboard as a document that import takes back.' })
  dashboardDocument(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<object> {
    return this.history.exportDocument(caller, dashboardId);
  }
}
