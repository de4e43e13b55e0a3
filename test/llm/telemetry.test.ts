import { trace } from '@opentelemetry/api';
import { tracing } from '@opentelemetry/sdk-node';

import { startFakeModel, status, text } from '../kit/fake-model';
import { ask, llmWorld, provider, question } from './world';

it('traces each request by the GenAI conventions, without any text of it', async () => {
  const exporter = new tracing.InMemorySpanExporter();
  const tracer = new tracing.BasicTracerProvider({ spanProcessors: [new tracing.SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(tracer);
  await using fake = await startFakeModel();
  await using world = await llmWorld();
  await world.configure({ providers: [provider({ url: fake.url })], maxRetries: 0 });
  fake.script(text('a canary answer', { prompt: 11, completion: 3 }), status(500));
  await world.run(ask, question('a canary question', { temperature: 0.2, maxTokens: 50 }));
  await world.run(ask, question('another canary')).catch(() => undefined);
  const [answered, failed] = exporter.getFinishedSpans();
  expect(answered).toMatchObject({
    name: 'chat fake-model',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai_compatible',
      'gen_ai.request.model': 'fake-model',
      'gen_ai.response.model': 'fake-model',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.output.type': 'text',
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.max_tokens': 50,
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 3,
    },
  });
  expect(failed?.status.code).toBe(2);
  expect(failed?.attributes['error.type']).toBe('server_error');
  expect(JSON.stringify([answered?.attributes, failed?.attributes])).not.toContain('canary');
  await tracer.shutdown();
});
