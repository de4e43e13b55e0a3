export { createRestFacade, type RestFacade, type RestFacadeOptions } from './facade';
export { compileVersions } from './compile-version';
export type { ApiVersion } from './routes/deprecation';
export { rateHeaders } from './http/rate-headers';
