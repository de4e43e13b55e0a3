import pino, { type Logger as PinoLogger } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child' | 'level'>;

export interface LoggerOptions {
  /** @default 'info' */
  readonly level?: string;
  readonly destination?: NodeJS.WritableStream;
}

/** Keys whose values never reach a log line, wherever they stand in it. */
const secrets = [
  'authorization',
  'access_token',
  'token',
  'apiKey',
  'api_key',
  'password',
  'secret',
  'credentials',
  'cookie',
  'prompt',
  'messages',
];

/** JSON lines on stdout. Redaction lives here and never at the call site. */
export function createLogger({ level = 'info', destination }: LoggerOptions = {}): Logger {
  const redact = secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  const options = { level, redact: { paths: redact, censor: '[redacted]' }, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return destination ? pino(options, destination as pino.DestinationStream) : pino(options);
}

/** For tests and commands that print for people. */
export const silentLogger: Logger = pino({ level: 'silent' });
