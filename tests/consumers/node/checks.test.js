// Checks that hold wherever the package is imported; runs inside the throwaway project.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

// Every way to WebAssembly and to the network, watched from before the import on; Node's own fetch,
// which also is WebAssembly, is left out.
const used = [];
for (const [owner, names] of [
  [WebAssembly, ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']],
  [globalThis, ['fetch']],
]) {
  for (const name of names) {
    const original = owner[name];
    owner[name] = (...values) => {
      if (new Error().stack.includes('perse-wasm')) used.push(name);
      return original.apply(owner, values);
    };
  }
}
const Perse = await import('perse-wasm');
const slim = await import('perse-wasm/slim');
const usedByImport = [...used];

/** A JPEG by its structure: a frame of one pixel, and a scan that no decoder sees. */
const photo = new Blob([
  Uint8Array.of(
    ...[0xff, 0xd8],
    ...[0xff, 0xc0, 0, 17, 8, 0, 1, 0, 1, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0],
    ...[0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 42],
    ...[0xff, 0xd9],
  ),
]);
const consent = { enduserConsent: true };
let server, baseUrl, tokens;

before(async () => {
  tokens = [];
  server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    request.resume();
    response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${server.address().port}`;
  Perse.configure({ baseUrl, warn: false });
});
after(() => server.close());

test('importing loads nothing; the first call does, once', async () => {
  assert.deepEqual(usedByImport, []);
  const { code } = await Perse.face.detect(photo, consent);
  assert.equal(code, 'unauthorized');
  await Promise.all([Perse.face.detect(photo, consent), Perse.face.compare(photo, photo, consent)]);
  assert.deepEqual(used, ['instantiate']);
  assert.deepEqual(tokens, [], 'without a token nothing is sent');
});

test('default, namespace and named imports are one client', async () => {
  tokens = [];
  const { face, setToken, default: perse } = Perse;
  setToken('set-by-name');
  for (const client of [perse, Perse, { face }]) await client.face.detect(photo, consent);
  perse.setToken('set-by-default');
  await face.detect(photo, consent);
  assert.equal(tokens.length, 4);
  assert.equal(new Set(tokens.slice(0, 3)).size, 1);
  assert.match(tokens[0], /set-by-name/);
  assert.match(tokens[3], /set-by-default/);
});

test('each client of createPerse has its own token and settings', async () => {
  tokens = [];
  Perse.setToken('page');
  const settings = { baseUrl, warn: false };
  const [one, two, none] = [settings, settings, settings].map(Perse.createPerse);
  one.setToken('one');
  two.setToken('two');
  await Promise.all([one, Perse, two].map(({ face }) => face.detect(photo, consent)));
  const seen = tokens.map((token) => token.replace('Bearer ', ''));
  assert.deepEqual(seen.sort(), ['one', 'page', 'two']);
  assert.equal((await none.face.detect(photo, consent)).code, 'unauthorized');
  assert.equal(tokens.length, 3);
  const members = (client) => Object.keys(client).sort();
  assert.deepEqual(members(one), [
    ...['clear', 'configure', 'face', 'image', 'init', 'onToken', 'qualityOf', 'setToken'],
  ]);
  assert.deepEqual(Object.keys(one.face), Object.keys(Perse.face));
});

test('both entries export the same', () => {
  assert.deepEqual(Object.keys(slim), Object.keys(Perse));
});

test('the Vue plugins set $Perse', () => {
  const app = { config: { globalProperties: {} } };
  Perse.VueNextInstall(app);
  assert.equal(app.config.globalProperties.$Perse, Perse.default);
  class Vue {}
  Perse.VueInstall(Vue);
  assert.equal(new Vue().$Perse, Perse.default);
});

test('a wrong option is an error that names it', () => {
  assert.throws(() => Perse.configure({ baseURL: '/' }), /no option baseURL/);
  assert.throws(() => Perse.configure({ timeout: '5' }), /timeout expects a number/);
  assert.throws(() => Perse.createPerse({ warn: 1 }), /warn expects a boolean/);
});

test('without its file the slim entry says what to do, and goes on when it is given', async () => {
  slim.configure({ baseUrl, warn: false, wasm: `${baseUrl}/nowhere.wasm` });
  slim.setToken('slim');
  const failure = await slim.face.detect(photo, consent);
  assert.equal(failure.code, 'wasm_unavailable');
  assert.match(failure.cause, /nowhere\.wasm.*Perse\.configure\(\{ wasm: url \}\)/);
  const { readFile } = await import('node:fs/promises');
  slim.configure({ wasm: await readFile(new URL(import.meta.resolve('perse-wasm/perse.wasm'))) });
  assert.equal((await slim.face.detect(photo, consent)).code, 'unauthorized');
});

test('photos are neither checked nor judged where nothing can decode them', async () => {
  const client = Perse.createPerse({ baseUrl, warn: false, precheck: true });
  client.setToken('page');
  const { code } = await client.face.detect(photo, consent);
  assert.equal(code, 'unauthorized', 'it was sent');
  const judged = await client.image.quality(photo);
  assert.equal(judged.code, 'pixels_unavailable');
  assert.match(judged.cause, /Node\.js/);
});
