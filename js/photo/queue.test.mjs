import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue, untilAborted } from './queue.js';

/** A job whose end the test decides. */
function controlled() {
  const job = { isStarted: false };
  const result = new Promise((resolve, reject) => Object.assign(job, { resolve, reject }));
  job.run = () => {
    job.isStarted = true;
    return result;
  };
  return job;
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('the second job starts when the first has ended', async () => {
  const queue = createQueue();
  const [first, second] = [controlled(), controlled()];
  const results = [queue.run(first.run), queue.run(second.run)];
  await settle();
  assert.deepEqual([first.isStarted, second.isStarted], [true, false]);
  first.resolve(1);
  await settle();
  assert.equal(second.isStarted, true);
  second.resolve(2);
  assert.deepEqual(await Promise.all(results), [1, 2]);
});

test('a failed job does not stop the next one', async () => {
  const queue = createQueue();
  const failed = queue.run(async () => {
    throw new Error('broken');
  });
  assert.equal(await queue.run(async () => 'done'), 'done');
  await assert.rejects(failed, /broken/);
});

test('a job that is aborted while it waits never starts', async () => {
  const queue = createQueue();
  const [first, second] = [controlled(), controlled()];
  const running = queue.run(first.run);
  const controller = new AbortController();
  const waiting = queue.run(second.run, controller.signal);
  controller.abort('left');
  first.resolve();
  await running;
  await assert.rejects(waiting, (reason) => reason === 'left');
  assert.equal(second.isStarted, false);
});

test('a caller is told of an abort at once, and keeps no listener', async () => {
  const { signal, abort } = new AbortController();
  const pending = untilAborted(new Promise(() => {}), signal);
  const controller = new AbortController();
  const other = untilAborted(new Promise(() => {}), controller.signal);
  controller.abort('left');
  await assert.rejects(other, (reason) => reason === 'left');
  assert.equal(await untilAborted(Promise.resolve(1), signal), 1);
  await assert.rejects(
    untilAborted(new Promise(() => {}), AbortSignal.abort('before')),
    (reason) => reason === 'before',
  );
  void [pending, abort];
});
