import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEntry } from './entry.js';

/** A core that starts, and counts how often it was loaded. */
function entryOf() {
  const core = { loads: 0, start: () => {}, default: async () => {}, module: () => new Uint8Array() };
  const perse = createEntry(async () => {
    core.loads += 1;
    return core;
  });
  return { core, perse };
}

test('Vue takes the plugin as a function or an object, with or without a key', () => {
  for (const [name, target, components] of [
    ['VueInstall', class {}, (vue) => vue.prototype],
    ['VueNextInstall', { config: { globalProperties: {} } }, (app) => app.config.globalProperties],
  ]) {
    const { perse } = entryOf();
    for (const use of [perse[name], perse[name].install]) {
      use(target);
      assert.equal(components(target).$Perse, perse, name);
      delete components(target).$Perse;
      use(target, 'api-key');
      assert.equal(components(target).$Perse, perse);
      assert.throws(() => use(target, '{"no": "key"}'), { code: 'unauthorized' }, 'the key goes to init');
    }
  }
});

test('preload loads the core once, before the first call', async () => {
  const { core, perse } = entryOf();
  assert.equal(core.loads, 0, 'importing loads nothing');
  assert.equal(await perse.preload(), undefined);
  await perse.preload();
  assert.equal(core.loads, 1);
});

test('preload never fails', async () => {
  const perse = createEntry(async () => {
    throw new Error('not here');
  });
  assert.equal(await perse.preload(), undefined);
});
