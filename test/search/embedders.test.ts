import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { onnx } from 'onnx-proto';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { configuredEmbedders, type Embedder } from '../../subgraphs/search';

import { embeddingServer } from './embedding-server';

const similarity = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

describe('the shipped encoder', () => {
  it('waits for its arithmetic where that starts later than the model is read, as on a busy machine', async () => {
    const module = builtFile('subgraphs/search/service/embedding/embedding-worker');
    const worker = new Worker(
      `const start = WebAssembly.instantiate;
       WebAssembly.instantiate = async (...given) => {
         await new Promise((resolve) => setTimeout(resolve, 3000));
         return start.apply(WebAssembly, given);
       };
       require(${JSON.stringify(module)});`,
      { eval: true, execArgv: [...builtExecArgv] },
    );
    try {
      worker.postMessage({ id: 1, texts: ['river'] });
      const [answer] = (await once(worker, 'message')) as [{ vectors?: Float32Array[]; error?: string }];
      expect([answer.error, answer.vectors?.map(({ length }) => length)]).toEqual([undefined, [512]]);
    } finally {
      await worker.terminate();
    }
  });
});

describe("a provider's /embeddings", () => {
  let server: Awaited<ReturnType<typeof embeddingServer>>;
  beforeEach(async () => {
    server = await embeddingServer();
  });
  afterEach(() => server.close());
  const remote = (dimension = 24): Embedder =>
    configuredEmbedders({ url: server.url, model: 'text-small', apiKey: 'sk-test', dimension }).embedder;

  it('is asked in batches, with the key, and gives unit vectors in order', async () => {
    const texts = Array.from({ length: 200 }, (_, place) => `text of word${place}`);
    const vectors = await remote().embed([...texts, '']);
    expect(server.seen.map(({ input }) => input.length)).toEqual([96, 96, 9]);
    expect(server.seen[0]).toMatchObject({ path: '/v1/embeddings', key: 'Bearer sk-test', model: 'text-small' });
    expect(server.seen.flatMap(({ input }) => input).slice(0, 200)).toEqual(texts);
    for (const vector of vectors) expect(similarity(vector, vector)).toBeCloseTo(1, 5);
    expect(remote().model).toBe('embeddings/text-small');
  });

  it.each([
    ['fails', { status: 500 }],
    ['refuses the key', { status: 401 }],
    ['gives vectors of another length', { length: 23 }],
    ['leaves one out', { fewer: true }],
  ])('is unavailable where it %s', async (_, answer) => {
    server.answer(answer);
    await expect(remote().embed(['one', 'two'])).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

/** Three tensors in, one vector a token out: a row of a small table for each. */
function tinyModel(rows: readonly (readonly number[])[]): Uint8Array {
  const { FLOAT, INT64 } = onnx.TensorProto.DataType;
  const value = (name: string, elemType: number, dims: readonly (string | number)[]): onnx.IValueInfoProto => ({
    name,
    type: {
      tensorType: { elemType, shape: { dim: dims.map((one) => (typeof one === 'string' ? { dimParam: one } : { dimValue: one })) } },
    },
  });
  const width = rows[0]!.length;
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 13 }],
    graph: {
      name: 'tiny',
      input: ['input_ids', 'attention_mask'].map((name) => value(name, INT64, ['batch', 'length'])),
      output: [value('last_hidden_state', FLOAT, ['batch', 'length', width])],
      initializer: [{ name: 'table', dataType: FLOAT, dims: [rows.length, width], floatData: rows.flat() }],
      node: [
        {
          opType: 'Gather',
          input: ['table', 'input_ids'],
          output: ['last_hidden_state'],
          attribute: [{ name: 'axis', type: onnx.AttributeProto.AttributeType.INT, i: 0 }],
        },
      ],
    },
  }).finish();
}

describe('an ONNX folder', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-onnx-'));
  const vocab = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'river', 'sea', 'un', '##known', '##s', ',', 'cafe'];
  // Padding is far from everything: a mean that took it in would show.
  const rows = [[9, 9, 9], [0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0.2, 0, 0], [0, 0, 0.1], [0.5, 0.5, 0]]; // prettier-ignore
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(path.join(folder, name), content);
  const tokenizer = (model: object): string => JSON.stringify({ model, normalizer: { type: 'BertNormalizer', lowercase: true } });
  const opened: Embedder[] = [];
  const local = (dimension = 3): Embedder => {
    const { embedder } = configuredEmbedders({ folder, dimension });
    opened.push(embedder);
    return embedder;
  };
  beforeEach(() => {
    write('model.onnx', tinyModel(rows));
    write('tokenizer.json', tokenizer({ type: 'WordPiece', vocab: Object.fromEntries(vocab.map((word, id) => [word, id])) }));
  });
  afterEach(() => Promise.all(opened.splice(0).map((embedder) => embedder.close())));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('turns texts into the mean of their tokens, whatever else is in the batch', async () => {
    const [river, sea, both, longer] = await local().embed(['River', 'sea', 'river, sea', 'rivers sea sea sea sea café']);
    expect(similarity(river!, Float32Array.of(1, 0, 0))).toBeCloseTo(1, 5);
    expect(similarity(sea!, Float32Array.of(0, 1, 0))).toBeCloseTo(1, 5);
    expect(similarity(both!, river!)).toBeCloseTo(similarity(both!, sea!), 5);
    // river ##s sea sea sea sea cafe: 1 + 0.2 + 0.5 against 4 + 0.5.
    expect(longer![0]! / longer![1]!).toBeCloseTo(1.7 / 4.5, 4);
    expect((await local().embed(['river']))[0]).toEqual(river);
  });

  it('splits unknown words, control characters and long texts as BERT does', async () => {
    const [known, pieces, nothing] = await local().embed(['zebra', 'un\u0000known', 'river '.repeat(5_000)]);
    expect(known).toEqual(pieces);
    expect(nothing![0]).toBeCloseTo(1, 5);
  });

  it('takes the first token where the model says so', async () => {
    write('tokenizer.json', tokenizer({ vocab: { '[UNK]': 1, '[CLS]': 5, '[SEP]': 3, river: 4 } }));
    mkdirSync(path.join(folder, '1_Pooling'), { recursive: true });
    write('1_Pooling/config.json', JSON.stringify({ pooling_mode_cls_token: true }));
    expect((await local().embed(['river']))[0]).toEqual(Float32Array.of(0, 1, 0));
    rmSync(path.join(folder, '1_Pooling'), { recursive: true });
  });

  it('is another model when its files are others', () => {
    const before = local().model;
    expect(local().model).toBe(before);
    write('model.onnx', tinyModel(rows.slice(0, -1)));
    expect(local().model).not.toBe(before);
  });

  it('is refused with the reason where it does not hold an encoder', async () => {
    const cause = async (embedder: Embedder): Promise<unknown> =>
      embedder.embed(['river']).catch((error: { code: string; cause: Error }) => [error.code, error.cause.message]);
    expect(await cause(local(4))).toEqual(['SERVICE_UNAVAILABLE', 'the model gives vectors of 3 numbers, but 4 are configured']);
    write('tokenizer.json', tokenizer({ type: 'BPE', vocab: {} }));
    expect(await cause(local())).toEqual(['SERVICE_UNAVAILABLE', expect.stringContaining('WordPiece')]);
    write('model.onnx', 'no model');
    expect(await cause(local())).toEqual(['SERVICE_UNAVAILABLE', expect.any(String)]);
    rmSync(path.join(folder, 'model.onnx'));
    expect(() => local()).toThrow(/no model.onnx/);
  });
});
