import { altTextFor } from './alt-text';
import { profileColumns } from './profile';
import { rankCharts, shapeOf } from './rules';
import { maxDrawnRows, specFor } from './spec';
import type { Chart, ChartRequest } from './types';

/**
 * Chooses a chart for a result by written rules from its column types, cardinalities and the reader's intent, and says why. The same
 * data give the same chart. A type that was asked for is taken where the data can carry it.
 */
export function chartFor(request: ChartRequest): Chart {
  const shape = shapeOf(profileColumns(request.columns, request.rows), request.rows.length);
  const ranked = rankCharts(shape, request.intent ?? null);
  const asked = request.type ? ranked.find(({ type }) => type === request.type) : undefined;
  const chosen = asked ?? ranked[0]!;
  const altText = altTextFor(chosen, request);
  const { placement } = chosen;
  return {
    type: chosen.type,
    xAxis: placement.x?.name ?? null,
    yAxis: placement.y?.name ?? null,
    spec: specFor(chosen, request, altText),
    reason: reasonFor(request, { found: asked !== undefined, reason: chosen.reason }),
    altText,
    alternatives: ranked.filter((other) => other !== chosen).map(({ type, score, reason }) => ({ type, score, reason })),
  };
}

function reasonFor({ type, rows }: ChartRequest, { found, reason }: { found: boolean; reason: string }): string {
  const cut = rows.length > maxDrawnRows ? `; the first ${maxDrawnRows} of ${rows.length} rows are drawn` : '';
  if (!type) return reason + cut;
  return (found ? 'asked for' : `these data cannot be drawn as ${type}; ${reason}`) + cut;
}
