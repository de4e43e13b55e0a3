import type { LanguageModelV3CallOptions } from '@ai-sdk/provider';
import Ajv, { type ValidateFunction } from 'ajv';

import { AttemptFailed } from '../resilience/failure';

// Schemas come from callers. A pattern is a regular expression that could hang the process on a hostile output, so patterns are not run.
const anyText = Object.assign(() => ({ test: () => true }), { code: '() => ({ test: () => true })' });
const ajv = new Ajv({
  strict: false,
  validateSchema: false,
  validateFormats: false,
  allErrors: false,
  logger: false,
  code: { regExp: anyText as never },
});

const compiled = new Map<string, ValidateFunction | null>();

function validator(schema: unknown): ValidateFunction | null {
  const key = JSON.stringify(schema);
  if (key.length > 65_536) return null;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  if (compiled.size > 200) {
    compiled.clear();
    ajv.removeSchema();
  }
  let made: ValidateFunction | null;
  try {
    made = ajv.compile(schema as object);
  } catch {
    made = null;
  }
  compiled.set(key, made);
  return made;
}

/** What is wrong with a JSON schema, or null. For refusing a broken one before any provider sees it. */
export function schemaProblem(schema: unknown): string | null {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 'it must be a JSON schema object';
  if (JSON.stringify(schema).length > 65_536) return 'it must not be longer than 64 KiB';
  try {
    const checker = new Ajv({ strict: false, logger: false });
    // The meta-schema knows draft 7; other drafts are judged by whether they compile.
    const { $schema: _draft, ...rest } = schema as Record<string, unknown>;
    if (!checker.validateSchema(rest)) return checker.errorsText(checker.errors, { dataVar: 'schema' });
    new Ajv({ strict: false, logger: false, validateFormats: false, code: { regExp: anyText as never } }).compile(rest);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const unusable = (hint: string): AttemptFailed => new AttemptFailed('invalid_output', { hint });

/** Throws `invalid_output` where the model calls a tool that it was not given, or with arguments that are no JSON of its schema. */
export function checkToolCall(call: { readonly toolName: string; readonly input: string }, { tools }: LanguageModelV3CallOptions): void {
  const tool = tools?.find(({ name }) => name === call.toolName);
  if (!tool) throw unusable(`the model called ${printableName(call.toolName)}, which is none of its tools`);
  if (tool.type !== 'function') return;
  const input = parse(call.input === '' ? '{}' : call.input, `the arguments of ${tool.name}`);
  checkSchema(input, tool.inputSchema, `the arguments of ${tool.name}`);
}

/** Throws `invalid_output` where JSON was asked for and the text is none, or not of the schema. */
export function checkJson(text: string, { responseFormat }: LanguageModelV3CallOptions): void {
  if (responseFormat?.type !== 'json') return;
  const value = parse(text, 'the answer');
  if (responseFormat.schema) checkSchema(value, responseFormat.schema, 'the answer');
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(`${what} is not valid JSON`);
  }
}

function checkSchema(value: unknown, schema: unknown, what: string): void {
  const validate = validator(schema);
  if (!validate || validate(value)) return;
  const [first] = validate.errors ?? [];
  throw unusable(`${what} does not fit its schema: ${first?.instancePath || 'it'} ${first?.message ?? 'differs'}`);
}

const printableName = (name: string): string => name.replace(/[^\w.-]/g, '?').slice(0, 64);
