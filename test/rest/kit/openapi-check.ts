import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

import type { OpenApiDocument } from '../../../rest-facade/openapi/document';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly request: unknown;
  readonly answer: unknown;
  readonly type: string;
}

const escape = (segment: string): string => segment.replace(/~/g, '~0').replace(/\//g, '~1');

/** Holds every exchange of a test against the document: an undocumented status, body or field fails the test. */
export function createOpenApiCheck(document: OpenApiDocument): (exchange: Exchange) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addFormat('binary', true).addFormat('double', true).addFormat('int32', true);
  ajv.addSchema(document, 'openapi');
  const compiled = new Map<string, ValidateFunction>();
  const validate = (pointer: string, value: unknown, what: string): void => {
    let check = compiled.get(pointer);
    if (!check) compiled.set(pointer, (check = ajv.compile({ $ref: `openapi#${pointer}` })));
    if (!check(value))
      throw new Error(`${what} is not as documented: ${ajv.errorsText(check.errors)}\n${JSON.stringify(value).slice(0, 2_000)}`);
  };
  // Fixed segments first, as in the router.
  const templates = Object.keys(document.paths)
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`) }));

  return ({ method, path, status, request, answer, type }) => {
    const found = templates.find(({ template, pattern }) => pattern.test(path) && document.paths[template]![method.toLowerCase()]);
    if (!found) return;
    const operation = document.paths[found.template]![method.toLowerCase()] as any;
    const at = `/paths/${escape(found.template)}/${method.toLowerCase()}`;
    const response = operation.responses[String(status)];
    if (!response) throw new Error(`${method} ${found.template} answered ${status}, which is not documented.`);
    if (/^application\/json/.test(type) && answer !== undefined) {
      const home = response.$ref ? String(response.$ref).slice(1) : `${at}/responses/${status}`;
      validate(`${home}/content/application~1json/schema`, answer, `The ${status} of ${method} ${found.template}`);
    }
    const body = operation.requestBody?.content['application/json'];
    if (status < 300 && body && typeof request === 'object' && request !== null)
      validate(`${at}/requestBody/content/application~1json/schema`, request, `The body of ${method} ${found.template}`);
  };
}
