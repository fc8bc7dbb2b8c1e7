import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shared } from './shared.js';

/** A job that settles when the test says so. */
function controlled() {
  const job = { starts: 0 };
  job.run = (signal) => {
    job.starts += 1;
    job.signal = signal;
    return new Promise((resolve, reject) => Object.assign(job, { resolve, reject }));
  };
  return job;
}

test('one caller that gives up ends the job for itself alone', async () => {
  const file = new Blob(['photo']);
  const job = controlled();
  const [first, second] = [new AbortController(), new AbortController()];
  const calls = [first, second].map(({ signal }) => shared(file, 'key', signal, job.run));
  first.abort('enough');
  assert.equal(job.signal.aborted, false);
  job.resolve('photo');
  assert.equal(await calls[1], 'photo');
  assert.equal(job.starts, 1);
});

test('the last caller that gives up ends the job, and the next one starts another', async () => {
  const file = new Blob(['photo']);
  const job = controlled();
  const controller = new AbortController();
  void shared(file, 'key', controller.signal, job.run);
  controller.abort('enough');
  assert.equal(job.signal.reason, 'enough');
  const next = shared(file, 'key', new AbortController().signal, job.run);
  job.resolve('photo');
  assert.equal(await next, 'photo');
  assert.equal(job.starts, 2);
});

test('a failure is given to all who wait, and forgotten', async () => {
  const file = new Blob(['photo']);
  const job = controlled();
  const { signal } = new AbortController();
  const calls = [1, 2].map(() => shared(file, 'key', signal, job.run));
  job.reject(new Error('damaged'));
  for (const call of calls) await assert.rejects(call, /damaged/);
  const next = shared(file, 'key', signal, job.run);
  job.resolve('photo');
  assert.equal(await next, 'photo');
});
