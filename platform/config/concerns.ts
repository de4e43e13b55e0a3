import { z } from 'zod';

const flag = (byDefault: boolean) =>
  z
    .enum(['true', 'false'])
    .default(byDefault ? 'true' : 'false')
    .transform((text) => text === 'true');

const whole = (minimum: number, maximum: number, byDefault: number) => z.coerce.number().int().min(minimum).max(maximum).default(byDefault);

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

export const serverConcern = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('production refuses development defaults and hides introspection'),
  PORT: whole(0, 65_535, 8000).describe('The one HTTP port; 0 takes a free one'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container'),
  PARLEY_DATA_DIR: z.string().default('.parley').describe('Folder of everything that the embedded parts keep'),
  SHUTDOWN_GRACE_MS: whole(0, 600_000, 10_000).describe('Time for requests in flight when stopping'),
  BODY_MAX_BYTES: whole(1_024, 104_857_600, 2_097_152).describe('Largest JSON body'),
  UPLOAD_MAX_BYTES: whole(1_024, 10_737_418_240, 104_857_600).describe('Largest uploaded file'),
  DEMO_DATA: z
    .enum(['true', 'false'])
    .optional()
    .describe('Serve the demo sources (flights, shop); on in development, off in production unless set'),
  DEMO_TENANT: z.string().default('demo').describe('Tenant of the demo token; Enterprise tier'),
  CORS_ORIGINS: list.default([]).describe('Comma-separated origins that browsers may call from; same-origin needs none'),
});

export const authConcern = z.object({
  JWT_SECRET: z.string().min(32).optional().describe('HS256 secret, at least 32 characters; without any JWT setting one is made and kept'),
  JWT_JWKS_URL: z.url().optional().describe('Keys for RS256/ES256 tokens; instead of JWT_SECRET'),
  JWT_ALGORITHMS: list.default(['RS256', 'ES256']).describe('Algorithms accepted from the JWKS keys'),
  JWT_ISSUER: z.string().optional().describe('Required `iss`'),
  JWT_AUDIENCE: z.string().optional().describe('Required `aud`'),
  JWT_LEEWAY_SECONDS: whole(0, 60, 30).describe('Allowed clock difference'),
  AUTH_DEFAULT_ROLE: z.enum(['viewer', 'analyst', 'editor', 'admin']).default('analyst').describe('Role of a token that names none'),
  TENANT_AUTO_CREATE: flag(true).describe('A tenant appears with its first valid token'),
  TENANT_TRUST_TIER_CLAIM: flag(false).describe("Let the token's tier decide; else the tenant's record does"),
  CONTEXT_SECRET: z.string().min(32).optional().describe('Signs the context between processes; needed where subgraphs are remote'),
  ENCRYPTION_KEY: z.string().min(32).optional().describe('Encrypts stored credentials; without it one is made and kept'),
  ALLOW_PRIVATE_HOSTS: flag(false).describe('Let tenants point sources, providers and webhooks at private and loopback addresses'),
});

export const databaseConcern = z.object({
  DATABASE_URL: z.url().optional().describe('PostgreSQL 15 or newer; without it the embedded database is used'),
  DATABASE_MIGRATION_URL: z.url().optional().describe('A login that may create tables; DATABASE_URL by default'),
  DATABASE_POOL_MAX: whole(1, 200, 10).describe('Connections per process'),
  DATABASE_STATEMENT_TIMEOUT_MS: whole(100, 600_000, 5_000).describe('Longest metadata statement'),
});

export const redisConcern = z.object({
  REDIS_URL: z.url().optional().describe('Events, limits and socket counts over many processes; without it they are in process'),
});

export const limitsConcern = z.object({
  RATE_LIMIT_FREE: whole(1, 1_000_000, 60).describe('Requests a minute, Free tier'),
  RATE_LIMIT_STANDARD: whole(1, 1_000_000, 300).describe('Requests a minute, Standard tier'),
  RATE_LIMIT_ENTERPRISE: whole(1, 1_000_000, 1_000).describe('Requests a minute, Enterprise tier'),
  SOCKETS_FREE: whole(1, 10_000, 5).describe('WebSockets at once, Free tier'),
  SOCKETS_STANDARD: whole(1, 10_000, 25).describe('WebSockets at once, Standard tier'),
  SOCKETS_ENTERPRISE: whole(1, 10_000, 100).describe('WebSockets at once, Enterprise tier'),
});

export const gatewayConcern = z.object({
  GATEWAY_ENGINE: z.enum(['native', 'apollo']).default('native').describe('apollo runs the stock ApolloGateway, without subscriptions'),
  GATEWAY_FRONT: z
    .enum(['thin', 'apollo'])
    .default('thin')
    .describe('apollo serves /graphql by Apollo Server, with the engine as its gateway'),
  GATEWAY_PLANNER: z.enum(['apollo', 'hive']).default('apollo').describe('hive is the native planner, where it is installed'),
  GATEWAY_JIT: z.enum(['true', 'false']).default('false').describe('Compiles operations of the domains that run often, by graphql-jit'),
  GATEWAY_INTROSPECTION: z.enum(['true', 'false']).optional().describe('On in development, off in production unless set'),
  GATEWAY_SAFELIST: z.string().optional().describe('File of operations; only these may run'),
  SUBGRAPH_SQL_URL: z.url().optional().describe('Where the sql domain runs; without it, in this process'),
  SUBGRAPH_CHAT_URL: z.url().optional().describe('Where the chat domain runs'),
  SUBGRAPH_AGENTS_URL: z.url().optional().describe('Where the agents domain runs'),
  SUBGRAPH_DASHBOARDS_URL: z.url().optional().describe('Where the dashboards domain runs'),
  SUBGRAPH_SEARCH_URL: z.url().optional().describe('Where the search domain runs'),
  SUBGRAPH_LLM_URL: z.url().optional().describe('Where the llm domain runs'),
  SUBGRAPH_ML_URL: z.url().optional().describe('Where the ml domain runs'),
});

export const sandboxConcern = z.object({
  SANDBOX_PROCESSES: whole(1, 64, 2).describe('Query processes kept warm'),
  SANDBOX_MEMORY_MB: whole(256, 1_048_576, 2_048).describe('Memory limit of one query process'),
  QUERY_MAX_ROWS: whole(1, 1_000_000, 10_000).describe('Rows of one answer at most'),
  QUERY_MAX_BYTES: whole(1_024, 1_073_741_824, 67_108_864).describe('Bytes of one answer at most'),
  QUERY_TIMEOUT_SECONDS: whole(1, 300, 30).describe('Default time of one query'),
});

export const questionsConcern = z.object({
  WRONG_ANSWER_RATE: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.72)
    .describe('Highest chance of being wrong with which a question is still answered; above it a clarification is given instead'),
});

export const modelsConcern = z.object({
  OPENAI_API_KEY: z.string().optional().describe('Enables OpenAI for all tenants'),
  ANTHROPIC_API_KEY: z.string().optional().describe('Enables Anthropic for all tenants'),
  GOOGLE_GENERATIVE_AI_API_KEY: z.string().optional().describe('Enables Gemini for all tenants'),
  OPENAI_COMPATIBLE_URL: z.url().optional().describe('Base URL of vLLM, Ollama, LM Studio and the like'),
  OPENAI_COMPATIBLE_API_KEY: z.string().optional().describe('Its key, where it wants one'),
  OPENAI_COMPATIBLE_MODEL: z.string().optional().describe('Its model'),
  LOCAL_MODEL_PATH: z.string().optional().describe('GGUF file that the service runs itself; needs the package node-llama-cpp beside it'),
  LOCAL_MODEL_THREADS: whole(1, 256, 2).describe('Threads that it computes with'),
});

export const embeddingsConcern = z.object({
  EMBEDDINGS_URL: z
    .url()
    .optional()
    .describe('Base URL of a provider with /embeddings; without it, the encoder that ships with Parley (English)'),
  EMBEDDINGS_MODEL: z.string().optional().describe('Its model'),
  EMBEDDINGS_API_KEY: z.string().optional().describe('Its key, where it wants one'),
  EMBEDDINGS_FOLDER: z.string().optional().describe('Instead: folder with model.onnx and tokenizer.json (WordPiece)'),
  EMBEDDINGS_DIMENSION: z.coerce.number().int().min(1).max(8_192).optional().describe('Length of the vectors; needed with either'),
  EMBEDDINGS_THREADS: whole(1, 64, 1).describe('Threads of the ONNX encoder'),
});

export const mailConcern = z.object({
  SMTP_URL: z.url().optional().describe('smtp:// or smtps:// server for alerts and reports; without it e-mail channels are refused'),
  MAIL_FROM: z.string().default('Parley <parley@localhost>').describe('Sender of alerts and reports'),
});

export const telemetryConcern = z.object({
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .optional()
    .describe('Lines below it are not written; info in production, warn elsewhere'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('OpenTelemetry collector; tracing is off without it'),
});

/** Every concern, in the order of `.env.example`. */
export const concerns = {
  server: serverConcern,
  auth: authConcern,
  database: databaseConcern,
  redis: redisConcern,
  limits: limitsConcern,
  gateway: gatewayConcern,
  sandbox: sandboxConcern,
  questions: questionsConcern,
  models: modelsConcern,
  embeddings: embeddingsConcern,
  mail: mailConcern,
  telemetry: telemetryConcern,
} as const;
