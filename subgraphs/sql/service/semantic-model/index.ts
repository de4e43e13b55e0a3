export type * from './types';
export { draftModel } from './draft';
export { importDbt, isDbt, readDbt, type DbtImport } from './dbt';
export { validateModel, type ModelProblem } from './validate';
export { parseModel, printModel, toModel } from './yaml';
