import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { BoostedModel } from './model';
import type { Tree } from './tree';

const FORMAT = 'parley-trees-1';

const document = z.object({
  format: z.literal(FORMAT),
  hash: z.string(),
  objective: z.enum(['regression', 'binary', 'multiclass', 'rank']),
  link: z.enum(['identity', 'sigmoid', 'softmax', 'share']),
  outputs: z.number().int().positive(),
  featureNames: z.array(z.string()),
  base: z.array(z.number()),
  average: z.boolean(),
  encoders: z.array(z.object({ feature: z.number(), prior: z.array(z.number()), values: z.record(z.string(), z.array(z.number())) })),
  importance: z.array(z.number()),
  rounds: z.number().int(),
  trainLoss: z.number(),
  validationLoss: z.number().optional(),
  /** Nodes of each tree, then all trees' arrays in base64, little-endian. */
  sizes: z.array(z.number().int()),
  feature: z.string(),
  threshold: z.string(),
  right: z.string(),
  missingLeft: z.string(),
  value: z.string(),
});

export type ModelDocument = z.infer<typeof document>;

const toBase64 = (parts: readonly ArrayBufferView[]): string =>
  Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))).toString('base64');

const bytesOf = (text: string): ArrayBuffer => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
};

const digest = (content: Omit<ModelDocument, 'hash'>): string => createHash('sha256').update(JSON.stringify(content)).digest('hex');

/** The model as JSON; `hash` is the SHA-256 of everything else in it. */
export const toDocument = (model: BoostedModel): ModelDocument => {
  const { trees, ...rest } = model;
  const gather = (part: keyof Tree): string => toBase64(trees.map((tree) => tree[part]));
  const content: Omit<ModelDocument, 'hash'> = document.omit({ hash: true }).parse({
    format: FORMAT,
    ...rest,
    sizes: trees.map((tree) => tree.feature.length),
    feature: gather('feature'),
    threshold: gather('threshold'),
    right: gather('right'),
    missingLeft: gather('missingLeft'),
    value: gather('value'),
  });
  return { ...content, hash: digest(content) };
};

/** Reads a model back, and refuses one whose hash doesn't fit or whose trees point outside themselves. */
export const fromDocument = (input: unknown): BoostedModel => {
  const { hash, ...content } = document.parse(input);
  if (digest(content) !== hash) throw new Error('The model file was changed after it was written: its hash does not fit');
  const arrays = {
    feature: new Int16Array(bytesOf(content.feature)),
    threshold: new Float32Array(bytesOf(content.threshold)),
    right: new Int32Array(bytesOf(content.right)),
    missingLeft: new Uint8Array(bytesOf(content.missingLeft)),
    value: new Float32Array(bytesOf(content.value)),
  };
  let from = 0;
  const trees = content.sizes.map((size): Tree => {
    const to = from + size;
    const tree: Tree = {
      feature: arrays.feature.slice(from, to),
      threshold: arrays.threshold.slice(from, to),
      right: arrays.right.slice(from, to),
      missingLeft: arrays.missingLeft.slice(from, to),
      value: arrays.value.slice(from, to),
    };
    from = to;
    tree.feature.forEach((feature, node) => {
      const isLeaf = feature < 0;
      if (!isLeaf && (feature >= content.featureNames.length || tree.right[node]! <= node + 1 || tree.right[node]! >= size))
        throw new Error('The model file holds a tree that is not one');
    });
    return tree;
  });
  return {
    objective: content.objective,
    link: content.link,
    outputs: content.outputs,
    featureNames: content.featureNames,
    base: content.base,
    trees,
    average: content.average,
    encoders: content.encoders,
    importance: content.importance,
    rounds: content.rounds,
    trainLoss: content.trainLoss,
    validationLoss: content.validationLoss,
  };
};
