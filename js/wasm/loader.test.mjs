import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoader } from './loader.js';

/** A core's glue that counts, and can panic. */
function fakeCore({ module = () => new Uint8Array(), initFails = [] } = {}) {
  const core = {
    inits: [],
    starts: 0,
    discards: 0,
    module,
    async default({ module_or_path }) {
      const error = initFails[core.inits.length];
      core.inits.push(module_or_path);
      if (error) throw error;
    },
    start(onPanic) {
      core.starts++;
      core.panic = onPanic;
    },
    discard: () => void core.discards++,
  };
  return core;
}

test('nothing is loaded before the first call, and then once for all', async () => {
  const core = fakeCore();
  let loads = 0;
  const loader = createLoader(async () => (loads++, core));
  assert.equal(loads, 0);
  const [a, b] = await Promise.all([loader.load(), loader.load()]);
  assert.equal(a, b);
  assert.deepEqual([loads, core.inits.length, core.starts], [1, 1, 1]);
});

test('a failed load is forgotten', async () => {
  const core = fakeCore();
  const attempts = [
    Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
    Promise.resolve(core),
  ];
  const loader = createLoader(() => attempts.shift());
  await assert.rejects(loader.load(), (error) => {
    assert.equal(error.code, 'wasm_unavailable');
    assert.match(error.detail, /script of this package could not be loaded.*dynamically imported/);
    return true;
  });
  assert.equal(await loader.load(), core);
});

test('the advice fits what keeps WebAssembly from starting', async () => {
  for (const [module, error, words] of [
    [
      () => new URL('https://example.com/perse.wasm'),
      new TypeError('404'),
      /Serve perse\.wasm of this package at https:\/\/example\.com/,
    ],
    [() => new Uint8Array(), new Error('no'), /'wasm-unsafe-eval'/],
    [() => 'perse.wasm', new Error('blocked by CSP'), /'wasm-unsafe-eval'/],
  ]) {
    const loader = createLoader(async () => fakeCore({ module, initFails: [error] }));
    await assert.rejects(loader.load(), (reason) => {
      assert.equal(reason.code, 'wasm_unavailable');
      assert.match(reason.detail, words);
      return true;
    });
  }
});

test('the page may say where the module is', async () => {
  const core = fakeCore();
  const loader = createLoader(async () => core);
  loader.use('/own.wasm');
  await loader.load();
  assert.deepEqual(core.inits, ['/own.wasm']);
});

test('a panic settles every pending call, and the next one gets a new instance', async () => {
  const core = fakeCore();
  const loader = createLoader(async () => core);
  const pending = [1, 2].map(() => loader.call(() => new Promise(() => {})));
  await loader.load();
  await new Promise((resolve) => setImmediate(resolve));
  core.panic('src/perse.rs', 1);
  for (const call of pending) {
    await assert.rejects(call, (error) => {
      assert.equal(error.code, 'internal_error');
      assert.match(error.detail, /src\/perse\.rs:1/);
      return true;
    });
  }
  assert.equal(await loader.call(async () => 'fresh'), 'fresh');
  assert.deepEqual([core.inits.length, core.starts], [1, 2], 'the module is not loaded again');
});

test('what the core rejects with is passed on', async () => {
  const loader = createLoader(async () => fakeCore());
  const refusal = { code: 'no_face_detected' };
  await assert.rejects(
    loader.call(() => Promise.reject(refusal)),
    refusal,
  );
});

test('a trap without a panic discards the instance', async () => {
  const core = fakeCore();
  const loader = createLoader(async () => core);
  const other = loader.call(() => new Promise(() => {}));
  const trap = loader.call(() => {
    throw new WebAssembly.RuntimeError('memory access out of bounds');
  });
  for (const call of [trap, other]) await assert.rejects(call, { code: 'internal_error' });
  assert.equal(core.discards, 1);
  await loader.load();
  assert.equal(core.starts, 2);
});

test('an unexpected error keeps the instance', async () => {
  const core = fakeCore();
  const loader = createLoader(async () => core);
  await assert.rejects(
    loader.call(async () => {
      throw new TypeError('not of the core');
    }),
    { code: 'internal_error' },
  );
  await loader.load();
  assert.deepEqual([core.discards, core.starts], [0, 1]);
});

test('the place of the module can no longer be set once it is loaded', async () => {
  const core = { start: () => {}, default: async () => {}, module: () => new Uint8Array() };
  const loader = createLoader(async () => core);
  loader.use('/perse.wasm');
  await loader.load();
  assert.throws(() => loader.use('/other.wasm'), { code: 'invalid_request' });
});

test('an environment that lacks something is named', async (t) => {
  const loader = () => createLoader(async () => assert.fail('nothing is loaded'));
  for (const name of ['WebAssembly', 'TextDecoder', 'Response']) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    delete globalThis[name];
    try {
      await assert.rejects(loader().load(), (error) => {
        return error.code === 'wasm_unavailable' && error.detail === `This environment has no ${name}.`;
      });
    } finally {
      Object.defineProperty(globalThis, name, descriptor);
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', {
    ...{ value: { userAgent: 'Mozilla/5.0 (linux) jsdom/26.1.0' }, configurable: true },
  });
  t.after(() => {
    if (descriptor) Object.defineProperty(globalThis, 'navigator', descriptor);
    else delete globalThis.navigator;
  });
  await assert.rejects(loader().load(), (error) => /jsdom.*createMockPerse/.test(error.detail));
});
