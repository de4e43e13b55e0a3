import express, { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { errors, toPublicError } from '#platform/errors';

import { checkRow, numericFeatures } from '../service/serving/check-row';
import type { ServingService } from '../service/serving/serving.service';

const tensor = z.object({ name: z.string(), shape: z.array(z.number().int().min(0)), datatype: z.string(), data: z.array(z.unknown()) });
const request = z.object({ id: z.string().max(200).optional(), inputs: z.array(tensor).min(1).max(2_000) });

/**
 * Open Inference Protocol v2 (kserve/open-inference-protocol, REST): health, metadata and inference. An input either is one feature,
 * named after it, or one matrix with a column for each feature in order.
 */
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
        const { status, message } = toPublicError(error);
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
      const { document, model, version: number } = await serving.serving(caller, name, version);
      return {
        name: model.name,
        versions: [String(number)],
        platform: `parley_${document.kind}`,
        inputs: document.features.map((feature) => ({ name: feature, datatype: numericFeatures(document).has(feature) ? 'FP64' : 'BYTES', shape: [-1] })),
        outputs: [{ name: 'prediction', datatype: document.classes ? 'BYTES' : 'FP64', shape: [-1] }],
      };
    })); // prettier-ignore
    router.post(`${path}/infer`, handle(async (incoming, caller) => {
      const { name, version } = wanted(incoming);
      const { document, scorer, model, version: number } = await serving.serving(caller, name, version);
      const parsed = request.safeParse(incoming.body);
      if (!parsed.success) throw errors.INVALID_REQUEST({ what: parsed.error.issues[0]!.path.join('.') || 'the request', hint: parsed.error.issues[0]!.message });
      const rows = toRows(document.features, parsed.data.inputs);
      rows.forEach((row) => checkRow(document, row));
      const predictions = await scorer.predict(rows);
      const data = predictions.map(({ prediction }) => prediction);
      const outputs: object[] = [{ name: 'prediction', datatype: document.classes ? 'BYTES' : 'FP64', shape: [data.length], data }];
      const first = predictions[0]?.probabilities;
      if (first) outputs.push({ name: 'probabilities', datatype: 'FP64', shape: [data.length, first.length], data: predictions.flatMap(({ probabilities }) => [...probabilities!]) });
      return { model_name: model.name, model_version: String(number), ...(parsed.data.id ? { id: parsed.data.id } : {}), outputs };
    })); // prettier-ignore
  }
  // Four parameters make it a handler of errors: here, of bodies that are no JSON or too large.
  router.use('/v2', (error: unknown, _incoming: Request, response: Response, _next: NextFunction) => {
    const isTooLarge = (error as { readonly type?: string }).type === 'entity.too.large';
    response.status(isTooLarge ? 413 : 400).json({ error: isTooLarge ? 'The body is larger than 10 MB.' : 'The body is not valid JSON.' });
  });
  return router;
}

function toRows(features: readonly string[], inputs: readonly z.infer<typeof tensor>[]): Record<string, unknown>[] {
  const flat = (data: readonly unknown[]): unknown[] => data.flat(Infinity);
  const [first] = inputs as [z.infer<typeof tensor>];
  const count = first.shape[0] ?? 0;
  for (const { name, shape, data } of inputs) {
    const size = shape.reduce((product, side) => product * side, 1);
    if (flat(data).length !== size)
      throw errors.INVALID_REQUEST({ what: `inputs.${name}`, hint: `its shape holds ${size} values and its data ${flat(data).length}` });
    if (shape[0] !== count) throw errors.INVALID_REQUEST({ what: `inputs.${name}`, hint: 'all inputs need the same number of rows' });
  }
  if (inputs.length === 1 && !features.includes(first.name)) {
    if (first.shape[1] !== features.length)
      throw errors.INVALID_REQUEST({ what: `inputs.${first.name}`, hint: `it needs ${features.length} columns: ${features.join(', ')}` });
    const values = flat(first.data);
    return Array.from({ length: count }, (_, row) =>
      Object.fromEntries(features.map((name, column) => [name, values[row * features.length + column]])),
    );
  }
  const columns = new Map(inputs.map(({ name, data }) => [name, flat(data)]));
  const missing = features.find((name) => !columns.has(name));
  if (missing) throw errors.INVALID_REQUEST({ what: 'inputs', hint: `there is none for ${missing}` });
  return Array.from({ length: count }, (_, row) => Object.fromEntries(features.map((name) => [name, columns.get(name)![row]])));
}
