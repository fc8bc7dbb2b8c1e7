import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { startDeadline } from './deadline.js';

const never = () => new Promise(() => {});

/** Runs a test with timers that it moves on itself. */
const timed = (name, action) =>
  test(name, async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await action((milliseconds) => mock.timers.tick(milliseconds));
    } finally {
      mock.timers.reset();
    }
  });

timed('a promise that settles in time is passed on', async () => {
  const deadline = startDeadline(100, undefined);
  assert.equal(await deadline.within(Promise.resolve(1), 'service'), 1);
  await assert.rejects(deadline.within(Promise.reject(new Error('own')), 'service'), /own/);
  assert.equal(deadline.signal.aborted, false);
  deadline.abort();
  assert.equal(deadline.signal.aborted, true);
});

timed('the stage decides what a timeout says', async (tick) => {
  for (const [stage, code, words] of [
    ['module', 'timeout', /WebAssembly did not load in 100 ms/],
    ['token', 'unauthorized', /token provider returned no token in 100 ms/],
    ['photo', 'timeout', /photo was not ready in 100 ms/],
    ['service', 'timeout', undefined],
  ]) {
    const deadline = startDeadline(100, undefined);
    const call = deadline.within(never(), stage);
    tick(99);
    assert.equal(deadline.signal.aborted, false);
    tick(1);
    await assert.rejects(call, (error) => {
      assert.equal(error.code, code);
      if (words) assert.match(error.detail, words);
      else assert.equal(error.detail, undefined);
      return true;
    });
    assert.equal(deadline.signal.aborted, true);
  }
});

timed('the stage before counts again after a nested one', async (tick) => {
  const deadline = startDeadline(100, undefined);
  await deadline.within(Promise.resolve(), 'photo');
  const call = deadline.within(never(), 'token');
  tick(100);
  await assert.rejects(call, { code: 'unauthorized' });
});

timed('a limit beyond what a timer can count does not end at once', async (tick) => {
  const deadline = startDeadline(1e12, undefined);
  tick(1000);
  assert.equal(deadline.signal.aborted, false);
  deadline.end();
});

timed('a pause ends in time, or not at all', async (tick) => {
  const deadline = startDeadline(1000, undefined);
  const pause = deadline.pause(300);
  tick(300);
  assert.equal(await pause, true);
  assert.equal(await deadline.pause(1000), false);
  const cut = deadline.pause(500);
  deadline.cancel('stopped');
  await assert.rejects(cut, { code: 'aborted', detail: 'stopped' });
  deadline.end();
});

timed("the page's signal cancels, with its reason", async () => {
  for (const [reason, expected] of [
    [undefined, { code: 'aborted', detail: undefined }],
    ['the page was left', { code: 'aborted', detail: 'The call was cancelled: the page was left' }],
    [new Error('too slow'), { code: 'aborted', detail: 'The call was cancelled: too slow' }],
    [{ secret: 1 }, { code: 'aborted', detail: undefined }],
    [null, { code: 'aborted', detail: undefined }],
    [new DOMException('late', 'TimeoutError'), { code: 'timeout' }],
    [
      {
        get message() {
          throw new Error('no');
        },
      },
      { code: 'aborted', detail: undefined },
    ],
  ]) {
    const controller = new AbortController();
    const deadline = startDeadline(1000, controller.signal);
    const call = deadline.within(never(), 'service');
    controller.abort(reason);
    await assert.rejects(call, (error) => {
      assert.deepEqual(error, expected);
      return true;
    });
    assert.ok(!(deadline.signal.reason instanceof Error) || deadline.signal.reason.name === 'AbortError');
  }
});

timed('a signal that was aborted before cancels at once', async () => {
  const deadline = startDeadline(1000, AbortSignal.abort());
  await assert.rejects(deadline.within(never(), 'service'), { code: 'aborted' });
});

timed('no listener and no timer is left', async (tick) => {
  const { signal } = new AbortController();
  let listeners = 0;
  for (const [name, change] of [
    ['addEventListener', 1],
    ['removeEventListener', -1],
  ]) {
    const method = signal[name];
    signal[name] = (...values) => ((listeners += change), method.apply(signal, values));
  }
  const deadline = startDeadline(1000, signal);
  assert.equal(listeners, 1);
  deadline.end();
  assert.equal(listeners, 0);
  tick(5000);
});
