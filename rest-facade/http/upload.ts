import busboy from 'busboy';
import { getNamedType, isInputObjectType } from 'graphql';

import { errors } from '#platform/errors';

import type { CompiledRoute } from '../view/compile-route';
import type { Parameter } from '../view/parameters';
import type { Call } from './call';
import { mediaType, readJsonBody, refuseEncoding } from './read-body';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
}

/**
 * A file in the graph is an input object `{filename, contentType, base64}`, the twin of `BinaryFile`. A route with such a parameter also takes
 * `multipart/form-data`, where the part of that name is the file and the other parts are its fields.
 */
export const isFileParameter = ({ type }: Parameter): boolean => {
  const named = getNamedType(type);
  return isInputObjectType(named) && ['filename', 'contentType', 'base64'].every((name) => name in named.getFields());
};

export function createBodyReader({
  maxBodyBytes,
  maxUploadBytes,
}: BodyLimits): (call: Call, route: CompiledRoute) => Promise<Record<string, unknown>> {
  return async ({ req }, { parameters }) => {
    const files = parameters.filter(isFileParameter);
    if (files.length === 0) return readJsonBody(req, maxBodyBytes);
    if (mediaType(req) !== 'multipart/form-data') return readJsonBody(req, Math.ceil(maxUploadBytes * (4 / 3)) + maxBodyBytes);
    refuseEncoding(req);
    return readForm(req, files, maxUploadBytes);
  };
}

function readForm(req: Call['req'], files: readonly Parameter[], maxBytes: number): Promise<Record<string, unknown>> {
  const names = files.map(({ key }) => key);
  return new Promise((resolve, reject) => {
    const body: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    const wrong = (hint: string, cause?: unknown) => errors.INVALID_REQUEST({ what: 'body', hint }, { field: 'body', cause });
    let form: busboy.Busboy;
    try {
      form = busboy({
        headers: req.headers,
        defParamCharset: 'utf8',
        limits: { files: 1, fields: 50, fieldSize: 1_048_576, fileSize: maxBytes + 1, parts: 60 },
      });
    } catch (cause) {
      reject(wrong('the form has no boundary', cause));
      return;
    }
    const fail = (error: Error): void => {
      req.unpipe(form);
      req.resume();
      reject(error);
    };
    form.on('file', (name, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () => fail(errors.PAYLOAD_TOO_LARGE({ maxBytes }, { details: { limit: 'upload_bytes', maximum: maxBytes } })));
      stream.on('end', () => {
        // Most clients call the part `file`; where the route takes one file, that is the one meant.
        const key = names.includes(name) || name !== 'file' || names.length > 1 ? name : names[0]!;
        body[key] = { filename: safeName(filename), content_type: mimeType, base64: Buffer.concat(chunks).toString('base64') };
      });
    });
    form.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) fail(wrong(`the field ${name} is longer than 1 MiB`));
      else body[name] = readField(value);
    });
    form.on('filesLimit', () => fail(wrong('one file at a time is accepted')));
    form.on('fieldsLimit', () => fail(wrong('at most 50 fields are accepted')));
    form.on('error', (cause) => fail(wrong('it is not a complete multipart form', cause)));
    form.on('close', () => resolve({ ...body }));
    req.on('aborted', () => fail(wrong('the connection ended before it did')));
    req.pipe(form);
  });
}

/** The last part of whatever path the client's system made of it. */
const safeName = (filename: string | undefined): string => (filename ?? '').split(/[/\\]/).at(-1)?.slice(0, 255) || 'upload';

/** Form fields are text; numbers, booleans, lists and objects are written as JSON in them. */
function readField(value: string): unknown {
  if (!/^(\[|\{|-?\d+(\.\d+)?$|true$|false$|null$)/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
