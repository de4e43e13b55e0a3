import { once } from 'node:events';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';

import { builtFile, createLifecycle } from './index';

it('drains everything in reverse order before it closes anything', async () => {
  const steps: string[] = [];
  const lifecycle = createLifecycle();
  for (const name of ['database', 'jobs', 'http']) {
    lifecycle.register({ name, drain: () => void steps.push(`drain ${name}`), close: () => void steps.push(`close ${name}`) });
  }
  lifecycle.ready();
  expect(lifecycle.phase.name).toBe('ready');
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  expect(steps).toEqual(['drain http', 'drain jobs', 'drain database', 'close http', 'close jobs', 'close database']);
  expect(lifecycle.phase.name).toBe('stopped');
});

it('goes on without a part that fails or hangs, and reports both', async () => {
  const failed: string[] = [];
  const closed: string[] = [];
  const lifecycle = createLifecycle({ graceMs: 20, onError: (resource) => failed.push(resource) });
  lifecycle.register({ name: 'first', close: () => void closed.push('first') });
  lifecycle.register({ name: 'hangs', drain: () => new Promise(() => undefined) });
  lifecycle.register({ name: 'fails', drain: () => Promise.reject(new Error('no')) });
  await lifecycle.stop();
  expect(failed).toEqual(['fails', 'hangs']);
  expect(closed).toEqual(['first']);
});

it('lowers the priority of the thread that asks for it, and leaves the others as they are', async () => {
  const script = `
    const { getPriority } = require('node:os');
    const { lowerThreadPriority } = require(${JSON.stringify(builtFile('platform/lifecycle/thread-priority'))});
    const before = getPriority(0);
    lowerThreadPriority(3);
    require('node:worker_threads').parentPort.postMessage(getPriority(0) - before);
  `;
  const before = getPriority(0);
  const [steps] = (await once(new Worker(script, { eval: true }), 'message')) as [number];
  expect([steps, getPriority(0)]).toEqual([process.platform === 'linux' ? 3 : 0, before]);
});
