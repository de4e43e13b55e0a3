export { createLogger, silentLogger, type Logger, type LoggerOptions } from './logger';
export { createMetrics, type Metrics } from './metrics';
export { createHealth, type Health, type HealthCheck } from './health';
