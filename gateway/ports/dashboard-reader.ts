import type { Caller } from '#platform/auth';

import { operation, type GraphClient } from './graph-client';
import { orNull } from './search-readers';

const dashboard = operation(
  `query SearchDashboard($id: ID!) { dashboard(id: $id) { id name description tags updatedAt widgets { name } } }`,
);
const visible = operation(`query SearchDashboardVisible($id: ID!) { dashboard(id: $id) { id } }`);

interface DashboardData {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly updatedAt: string;
  readonly widgets: readonly { readonly name: string }[];
}

/** The dashboards domain's dashboards, as the search domain indexes and checks them. */
export function createDashboardReader(graph: GraphClient) {
  return {
    async read(caller: Caller, id: string) {
      const data = await orNull(graph.execute<{ dashboard: DashboardData }>(caller, { document: dashboard, variables: { id } }));
      if (!data) return null;
      const { widgets, updatedAt, ...facts } = data.dashboard;
      return { ...facts, widgets: widgets.map(({ name }) => name), updatedAt: new Date(updatedAt) };
    },
    async visible(caller: Caller, ids: readonly string[]): Promise<ReadonlySet<string>> {
      const found = await Promise.all(ids.map((id) => orNull(graph.execute(caller, { document: visible, variables: { id } }))));
      return new Set(ids.filter((_, place) => found[place] !== null));
    },
  };
}
