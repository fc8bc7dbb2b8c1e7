import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeBitmap, report } from '../camera/test-support.js';
import { startWorkerAnalyser } from './worker-analyser.js';
import type { WorkerLike } from './worker-client.js';

class FakeWorker {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  isTerminated = false;
  readonly tasks: object[] = [];
  transferred: unknown[] = [];

  postMessage(task: object, transfer: unknown[]): void {
    this.tasks.push(task);
    this.transferred = transfer;
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(data: object): void {
    this.onmessage?.({ data } as MessageEvent);
  }
}

function begin() {
  const worker = new FakeWorker();
  const starting = startWorkerAnalyser(
    worker as unknown as WorkerLike,
    {} as WebAssembly.Module,
    new ArrayBuffer(8),
  );
  return { worker, starting };
}

async function ready() {
  const { worker, starting } = begin();
  worker.answer({ isReady: true });
  return { worker, analyser: await starting };
}

const frame = () => new FakeBitmap(4, 3) as unknown as ImageBitmap;

test('a frame goes to the worker and comes back as a report', async () => {
  const { worker, analyser } = await ready();
  const bitmap = frame();
  const analysing = analyser.analyse(bitmap);
  assert.deepEqual(worker.transferred, [bitmap]);
  worker.answer({ report: report() });
  assert.equal((await analysing).faces.length, 1);
});

test('weights that do not fit give their code, and end the worker', async () => {
  const { worker, starting } = begin();
  worker.answer({ failure: { code: 'models_unavailable', message: 'A wrong header.' } });
  await assert.rejects(starting, { code: 'models_unavailable' });
  assert.equal(worker.isTerminated, true);
});

test('a worker that dies rejects the frame under way, and every later one', async () => {
  const { worker, analyser } = await ready();
  const analysing = analyser.analyse(frame());
  worker.onerror?.({ preventDefault() {}, message: 'unreachable' } as unknown as ErrorEvent);
  await assert.rejects(analysing, { code: 'wasm_unavailable' });
  assert.equal(worker.isTerminated, true);
  await assert.rejects(analyser.analyse(frame()), { code: 'wasm_unavailable' });
});

test('dispose ends the worker at once, with the frame under way', async () => {
  const { worker, analyser } = await ready();
  const analysing = analyser.analyse(frame());
  analyser.dispose();
  analyser.dispose();
  assert.equal(worker.isTerminated, true);
  await assert.rejects(analysing, { code: 'aborted' });
});

test('a worker that does not answer is given up', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { worker, analyser } = await ready();
  const analysing = analyser.analyse(frame());
  context.mock.timers.tick(10_000);
  await assert.rejects(analysing, { code: 'wasm_unavailable' });
  assert.equal(worker.isTerminated, true);
});
