export { chartFor } from './chart-for';
export { profileColumns, toNumber, type ColumnProfile, type Role as ColumnRole } from './profile';
export {
  chartTypes,
  type Chart,
  type ChartColumn,
  type ChartIntent,
  type ChartRequest,
  type ChartType,
  type RankedChart,
  type VegaLiteSpec,
} from './types';
