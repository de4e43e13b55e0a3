import express, { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { errors, toPublicError } from '#platform/errors';

import type { ServingService } from '../service/serving/serving.service';
import { datatypes, inputsOf, outputsOf, toRows, toTensors } from '../service/serving/tensors';

const parameters = z.record(z.string(), z.unknown()).optional();
const tensor = z.object({
  name: z.string(),
  shape: z.array(z.number().int().min(0)).min(1),
  datatype: z.enum(datatypes),
  parameters,
  data: z.array(z.unknown()),
});
const request = z.object({
  id: z.string().max(200).optional(),
  parameters,
  inputs: z.array(tensor).min(1).max(2_000),
  outputs: z.array(z.object({ name: z.string(), parameters })).optional(),
});

/** Open Inference Protocol v2 (kserve/open-inference-protocol, REST): health, metadata and inference. */
export function inferenceProtocol(serving: ServingService, authenticate: (token: string | undefined) => Promise<Caller>): RequestHandler {
  const router = Router();
  // Only for its own paths: mounted at the root, it would take the bodies of every other door.
  router.use('/v2', express.json({ limit: '10mb' }));
  const callerOf = (incoming: Request): Promise<Caller> =>
    authenticate(/^Bearer\s+(\S+)$/i.exec(incoming.headers.authorization ?? '')?.[1]);
  const handle =
    (work: (incoming: Request, caller: Caller) => Promise<object>) =>
    async (incoming: Request, response: Response): Promise<void> => {
      try {
        response.json(await work(incoming, await callerOf(incoming)));
      } catch (error) {
        const { status, message, details } = toPublicError(error);
        if (typeof details?.retryAfterSeconds === 'number') response.setHeader('retry-after', String(details.retryAfterSeconds));
        response.status(status).json({ error: message });
      }
    };
  const wanted = (incoming: Request): { name: string; version: number | null } => {
    const { name, version } = incoming.params;
    if (version !== undefined && !/^\d{1,9}$/.test(String(version))) throw errors.NOT_FOUND({ kind: 'model version' });
    return { name: String(name), version: version === undefined ? null : Number(version) };
  };

  router.get('/v2/health/live', (_incoming, response) => void response.json({ live: true }));
  router.get('/v2/health/ready', (_incoming, response) => void response.json({ ready: true }));
  router.get('/v2', (_incoming, response) => void response.json({ name: 'parley', version: '2', extensions: [] }));

  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    router.get(`${path}/ready`, handle(async (incoming, caller) => {
      const { name, version } = wanted(incoming);
      const served = await serving.serving(caller, name, version);
      return { name: served.model.name, ready: true };
    })); // prettier-ignore
    router.get(path, handle(async (incoming, caller) => {
      const { name, version } = wanted(incoming);
      const { document, model, versions } = await serving.serving(caller, name, version);
      return {
        name: model.name,
        versions: versions.map(String),
        platform: document.kind === 'onnx' ? 'onnx_onnxv1' : `parley_${document.kind}`,
        inputs: inputsOf(document),
        outputs: outputsOf(document),
      };
    })); // prettier-ignore
    router.post(`${path}/infer`, handle(async (incoming, caller) => {
      const { name, version } = wanted(incoming);
      const { document } = await serving.serving(caller, name, version);
      const parsed = request.safeParse(incoming.body);
      if (!parsed.success) throw errors.INVALID_REQUEST({ what: parsed.error.issues[0]!.path.join('.') || 'the request', hint: parsed.error.issues[0]!.message });
      const { id, inputs, outputs } = parsed.data;
      // The request's id keeps a retry on one side of a test.
      const answered = await serving.answer(caller, { modelId: name, version, rows: toRows(document, inputs), stickyKey: id });
      return {
        model_name: answered.model.name,
        model_version: String(answered.version),
        ...(id === undefined ? {} : { id }),
        outputs: toTensors(answered.document, answered.predictions, outputs?.map((output) => output.name)),
      };
    })); // prettier-ignore
  }
  // Four parameters make it a handler of errors: here, of bodies that are no JSON or too large.
  router.use('/v2', (error: unknown, _incoming: Request, response: Response, _next: NextFunction) => {
    const isTooLarge = (error as { readonly type?: string }).type === 'entity.too.large';
    response.status(isTooLarge ? 413 : 400).json({ error: isTooLarge ? 'The body is larger than 10 MB.' : 'The body is not valid JSON.' });
  });
  return router;
}
