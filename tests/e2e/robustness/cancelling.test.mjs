// Calls that are cancelled, and a device without a network.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { callOnce, GRACE, inEachEngine } from '../harness.mjs';

inEachEngine('cancelling', (harness) => {
  const { engine, fault, inPage, open, told } = harness;

  describe('cancelling', () => {
    beforeEach(() => open());

    test('before a call and in each part of one', async () => {
      const [before, hang, pause] = [fault('ok'), fault('hang'), fault('503-1,ok')];
      const results = await inPage(cancelCalls, before.url, hang.url, pause.url);
      for (const [what, { code, ms }] of Object.entries(results)) {
        assert.equal(code, 'aborted', what);
        assert.ok(ms < 300 + GRACE, `${what}: ${ms} ms`);
      }
      assert.equal((await told(before.name)).requests, 0);
      assert.equal((await told(pause.name)).requests, 1);
    });

    test('the reason is told', async () => {
      const results = await inPage(cancelWithReasons, fault('hang').url);
      const cancelled = (message) => ({ code: 'aborted', message });
      const { plain, timeout, ...others } = results;
      assert.equal(plain.code, 'aborted');
      assert.deepEqual(others, {
        text: cancelled('The call was cancelled: the page was left'),
        error: cancelled('The call was cancelled: too slow'),
        object: plain,
        null: plain,
      });
      assert.equal(timeout.code, 'timeout');
    });

    test('one signal for 500 calls keeps no listener, and no timer is left', async () => {
      const { codes, listeners, timers } = await inPage(shareSignal, harness.api, fault('503,ok').url);
      assert.deepEqual(codes, { success: 500 });
      assert.equal(listeners.added, 500, 'each call did listen');
      assert.equal(listeners.left, 0);
      assert.equal(timers, 0);
    });
  });

  test('offline is told apart', async () => {
    await open();
    const isReal = engine === 'chromium';
    assert.equal((await inPage(callOnce, harness.api, 'read')).code, 'success');
    if (isReal) await harness.driver.setNetworkConditions({ offline: true, latency: 0, throughput: 0 });
    else await inPage(pretendOffline);
    try {
      const offline = isReal ? harness.api : 'http://127.0.0.1:9/v0';
      for (const method of ['read', 'detect', 'create']) {
        const { code, message } = await inPage(callOnce, offline, method);
        assert.equal(code, 'offline', method);
        assert.match(message, /no network|offline|connection/i);
      }
    } finally {
      if (isReal) await harness.driver.deleteNetworkConditions();
      else await inPage(async () => void delete navigator.onLine);
    }
    assert.equal((await inPage(callOnce, harness.api, 'read')).code, 'success');
  });
});

async function cancelCalls(before, hang, pause) {
  const cancel = async (client, time) => {
    const controller = new AbortController();
    const call = lab.call(client, 'detect', { signal: controller.signal });
    await lab.sleep(time);
    controller.abort();
    return call;
  };
  const aborted = new AbortController();
  aborted.abort();
  // The first of all calls, for which the module has to load.
  const loading = lab.client(before);
  return {
    whileTheModuleLoads: await cancel(loading, 0),
    before: await lab.call(lab.client(before), 'detect', { signal: aborted.signal }),
    whileTheProviderThinks: await cancel(lab.client(before, { token: () => new Promise(() => {}) }), 200),
    whileTheServiceThinks: await cancel(lab.client(hang), 200),
    whileItWaitsToRepeat: await cancel(lab.client(pause), 300),
  };
}

async function cancelWithReasons(url) {
  const client = lab.client(url);
  const cancelled = async (...reason) => {
    const controller = new AbortController();
    const call = lab.call(client, 'read', { signal: controller.signal });
    await lab.sleep(50);
    controller.abort(...reason);
    const { code, message } = await call;
    return { code, message };
  };
  return {
    plain: await cancelled(),
    text: await cancelled('the page was left'),
    error: await cancelled(new Error('too slow')),
    object: await cancelled({ secret: 1 }),
    null: await cancelled(null),
    timeout: await lab.call(client, 'read', { signal: AbortSignal.timeout(100) }),
  };
}

async function shareSignal(api, stumbling) {
  const timersLeft = await lab.countTimers();
  const { signal } = new AbortController();
  const listeners = { added: 0, left: 0 };
  for (const [name, change] of [
    ['addEventListener', 1],
    ['removeEventListener', -1],
  ]) {
    const method = signal[name];
    signal[name] = (...values) => {
      if (change > 0) listeners.added++;
      listeners.left += change;
      return method.apply(signal, values);
    };
  }
  const clients = [lab.client(api), lab.client(stumbling, { token: async () => lab.token })];
  const codes = {};
  await lab.each(
    Array.from({ length: 500 }, (_, index) => clients[index < 5 ? 1 : 0]),
    async (client) => {
      const { code } = await lab.call(client, 'read', { signal });
      codes[code] = (codes[code] ?? 0) + 1;
    },
    20,
  );
  return { codes, listeners, timers: timersLeft() };
}

async function pretendOffline() {
  Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true });
}
