import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInWorker, scheduleEnd, startWorker } from './worker-client.js';

class FakeWorker {
  static all = [];
  constructor() {
    FakeWorker.all.push(this);
  }
  postMessage(message) {
    const data = 'probe' in message ? { isReady: true } : { result: 'encoded' };
    queueMicrotask(() => this.onmessage?.({ data }));
  }
  terminate() {
    this.isTerminated = true;
  }
}

test('the worker waits for its first job, and ends some time after its last', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  Object.assign(globalThis, { Worker: FakeWorker, OffscreenCanvas: class {} });
  t.after(() => {
    delete globalThis.Worker;
    delete globalThis.OffscreenCanvas;
  });
  assert.equal(await startWorker(), true);
  // On a slow network the module of the first job arrives much later.
  t.mock.timers.tick(60_000);
  assert.equal(await runInWorker({ picture: new Blob() }, {}, undefined), 'encoded');
  const [worker] = FakeWorker.all;
  scheduleEnd();
  t.mock.timers.tick(900);
  assert.equal(worker.isTerminated, undefined);
  assert.equal(await startWorker(), true);
  t.mock.timers.tick(60_000);
  assert.equal(worker.isTerminated, undefined, 'a second job follows');
  scheduleEnd();
  t.mock.timers.tick(1_000);
  assert.equal(worker.isTerminated, true);
  assert.equal(FakeWorker.all.length, 1);
});
