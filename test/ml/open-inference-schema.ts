/**
 * The messages of the Open Inference Protocol v2 as JSON schema, written from the field tables and the OpenAPI description that
 * kserve/open-inference-protocol publishes (specification/protocol/inference_rest.md, open_inference_rest.yaml). Stricter than that
 * description where its text says more: the datatypes are those of its table, what it calls optional is all that may be left out.
 */
const text = { type: 'string' };
const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
const listOf = (items: object) => ({ type: 'array', items });
const message = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});

const sizes = ['8', '16', '32', '64'];
const datatype = { enum: ['BOOL', ...sizes.flatMap((size) => [`UINT${size}`, `INT${size}`]), 'FP16', 'FP32', 'FP64', 'BYTES'] };
const parameters = { type: 'object' };
const tensor = message({ name: text, shape: listOf({ type: 'integer', minimum: 0 }), datatype, data: ref('data') }, { parameters });

export const openInference = {
  $id: 'open-inference-v2',
  $defs: {
    // Nested as the shape is, or flat.
    data: listOf({ anyOf: [ref('data'), { type: 'number' }, text, { type: 'boolean' }] }),
    tensor,
    tensorMetadata: message({ name: text, datatype, shape: listOf({ type: 'integer', minimum: -1 }) }),
    server: message({ name: text, version: text, extensions: listOf(text) }),
    live: message({ live: { type: 'boolean' } }),
    // The tables show the field of liveness here; servers answer with the one that the name says.
    ready: message({ ready: { type: 'boolean' } }),
    modelReady: message({ name: text, ready: { type: 'boolean' } }),
    model: message(
      { name: text, platform: text, inputs: listOf(ref('tensorMetadata')), outputs: listOf(ref('tensorMetadata')) },
      { versions: listOf(text) },
    ),
    request: message({ inputs: listOf(ref('tensor')) }, { id: text, parameters, outputs: listOf(message({ name: text }, { parameters })) }),
    response: message({ model_name: text, outputs: listOf(ref('tensor')) }, { model_version: text, id: text, parameters }),
    error: message({ error: text }),
  },
} as const;

export type OpenInferenceMessage = keyof typeof openInference.$defs;
