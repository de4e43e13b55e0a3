import type { CompiledRoute } from '../view/compile-route';
import type { Call } from './call';
import { mediaType, readJsonBody, refuseEncoding } from './read-body';
import { readForm } from './read-form';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
}

/**
 * A file in the graph is two fields of the input, `filename` and `contentBase64` (and `contentType` where the domain wants it). Such a route
 * also takes `multipart/form-data`: its one file part fills them, the other parts are the other fields.
 */
export const takesFile = ({ parameters }: Pick<CompiledRoute, 'parameters'>): boolean =>
  ['filename', 'content_base64'].every((key) => parameters.some((parameter) => parameter.key === key && parameter.in === 'body'));

export interface Body {
  readonly values: Readonly<Record<string, unknown>>;
  /** True for a form, whose fields are text whatever they mean. */
  readonly isText: boolean;
}

export function createBodyReader({ maxBodyBytes, maxUploadBytes }: BodyLimits): (call: Call, route: CompiledRoute) => Promise<Body> {
  return async ({ req }, route) => {
    if (!takesFile(route)) return { values: await readJsonBody(req, maxBodyBytes), isText: false };
    // Base64 makes four characters of three bytes.
    if (mediaType(req) !== 'multipart/form-data')
      return { values: await readJsonBody(req, Math.ceil((maxUploadBytes * 4) / 3) + maxBodyBytes), isText: false };
    refuseEncoding(req);
    const { fields, file } = await readForm(req, maxUploadBytes);
    const wantsType = route.parameters.some(({ key }) => key === 'content_type');
    const given = file && {
      filename: file.filename,
      content_base64: file.base64,
      ...(wantsType ? { content_type: file.contentType } : {}),
    };
    return { values: { ...fields, ...given }, isText: true };
  };
}
