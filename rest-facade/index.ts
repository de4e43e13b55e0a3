export { createRestFacade, type RestFacade, type RestFacadeOptions } from './facade';
export { compileVersions } from './compile-version';
export { requestQuotaKey } from './http/front';
export type { ApiVersion } from './routes/deprecation';
