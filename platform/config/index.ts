export { ConfigError, loadConfig, type Config } from './load-config';
export { concerns } from './concerns';
export { envExample } from './env-example';
export { localSecrets, type LocalSecrets } from './local-secrets';
