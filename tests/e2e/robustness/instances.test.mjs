// Panics of the core, and 10,000 calls: nothing is left behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inEachEngine } from '../harness.mjs';

inEachEngine('instances', (harness) => {
  const { engine, fault, inPage, open, told } = harness;

  test('a panic settles every call, and the next one works', async () => {
    await open({ entry: '/build/forced-panic/index.js' });
    for (let round = 0; round < 2; round++) {
      const { name, url } = fault('hang');
      await inPage(startHanging, url);
      // A browser has six connections to a server, all of which are taken now.
      while ((await told(name)).requests < 6) await new Promise((resolve) => setTimeout(resolve, 50));
      const { panicked, pending, next } = await inPage(panic, harness.api);
      assert.equal(panicked.code, 'internal_error', panicked.message);
      assert.deepEqual(
        pending.map(({ code }) => code),
        Array(8).fill('internal_error'),
      );
      for (const { ms } of pending) assert.ok(ms < 100, `settled ${ms} ms after the panic`);
      assert.deepEqual(next, ['success', 'success']);
    }
  });

  test('10,000 calls leave nothing behind', { timeout: 300_000 }, async (t) => {
    await open();
    const sizes = [];
    const start = Date.now();
    for (let calls = 500; calls <= 10_000; calls += 500) {
      const { codes, memory, timers } = await inPage(callMany, harness.api, fault('null').url, 500);
      assert.deepEqual(codes, { success: 450, invalid_response: 50 });
      assert.equal(timers, 0);
      sizes.push({ memory, heap: await heapOf(harness.driver, engine) });
    }
    const [early, late] = [sizes[3], sizes.at(-1)];
    t.diagnostic(`WebAssembly memory: ${early.memory} bytes after 2,000 calls, ${late.memory} after 10,000`);
    if (early.heap) t.diagnostic(`JS heap: ${early.heap} bytes after 2,000 calls, ${late.heap} after 10,000`);
    t.diagnostic(`10,000 calls in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    assert.ok(early.memory > 0);
    assert.equal(late.memory, early.memory);
    if (early.heap) assert.ok(late.heap < early.heap * 1.1 + 1_000_000);
  });
});

/** Bytes of the page's JavaScript that are in use, where the engine tells. */
async function heapOf(driver, engine) {
  if (engine !== 'chromium') return undefined;
  await driver.sendDevToolsCommand('HeapProfiler.collectGarbage', {});
  return (await driver.sendAndGetDevToolsCommand('Runtime.getHeapUsage', {})).usedSize;
}

async function startHanging(url) {
  const client = lab.client(url, { timeout: 20_000 });
  const methods = ['detect', 'compare', 'quality', 'create', 'read', 'update', 'isSimilar', 'read'];
  lab.hanging = methods.map((method) =>
    lab.call(client, method).then((result) => ({ ...result, at: performance.now() })),
  );
}

async function panic(api) {
  const client = lab.client(api);
  const start = performance.now();
  const panicked = await client.face.enrollment.delete('panic');
  const pending = (await Promise.all(lab.hanging)).map(({ code, at }) => ({ code, ms: at - start }));
  const next = [await lab.call(client, 'read'), await lab.call(client, 'detect')].map(({ code }) => code);
  return { panicked, pending, next };
}

/** A tenth of the calls send a photo that the module has not seen yet, and fail. */
async function callMany(api, failing, count) {
  const timersLeft = await lab.countTimers();
  const clients = { read: lab.client(api), detect: lab.client(failing) };
  const bytes = await lab.photo.arrayBuffer();
  const codes = {};
  await lab.each(
    Array.from({ length: count }, (_, index) => (index % 10 === 0 ? 'detect' : 'read')),
    async (method) => {
      const photo = new Blob([bytes]);
      const { face } = clients[method];
      const { code } = await lab.methods[method](face, { photo });
      codes[code] = (codes[code] ?? 0) + 1;
    },
    8,
  );
  return { codes, memory: lab.memories[0].buffer.byteLength, timers: timersLeft() };
}
