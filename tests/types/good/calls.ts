// Arguments of calls and settings, from every way to import the package.
import perse, { configure, createPerse, face, isPerseError, PerseError, setToken } from 'perse-wasm';
import * as Perse from 'perse-wasm';
import * as Slim from 'perse-wasm/slim';
import slim, { face as slimFace } from 'perse-wasm/slim';
import type { FaceMethods, Image, PerseClient, PerseOptions, WasmSource } from 'perse-wasm';

const file = new File([], 'selfie.jpg');

setToken('token');
setToken(() => 'token');
setToken(async () => (await fetch('/my-session')).text());
const stop = Perse.onToken((event, expiresAt) => {
  if (event === 'expired') console.log(event, new Date(expiresAt ?? 0));
});
stop();
Perse.clear();
perse.setToken('token');
Perse.setToken('token');
Perse.init('api-key');

// The settings of a call: nothing, consent, options, or both.
await face.detect(file);
await face.detect(file, true);
await face.detect(file, {});
await face.detect(file, { enduserConsent: true, timeout: 5_000 });
await face.detect(file, true, { timeout: 5_000 });
await face.compare(file, 'user-token', { timeout: 5_000 });
await face.enrollment.read({ timeout: 5_000 });
await face.enrollment.delete('user-token', true);

await face.detect(file, { signal: new AbortController().signal, retries: 0, precheck: true, prepare: false });

// A photo in whatever a page has it.
const canvas = document.createElement('canvas');
const images: Image[] = [
  file,
  new Blob(),
  new ArrayBuffer(8),
  new Uint8Array(8),
  canvas,
  new ImageData(1, 1),
];
for (const image of images) await face.detect(image, true);
await face.detect('data:image/png;base64,AAAA', true);
await face.compare(new Image(), document.createElement('video'), true);
await face.enrollment.update('user-token', canvas, true);

// Every option, and each by itself.
const options: PerseOptions = {
  baseUrl: '/v0',
  enduserConsent: true,
  timeout: 20_000,
  retries: 3,
  prepare: true,
  precheck: true,
  throwOnError: true,
  warn: false,
  locale: 'pt-BR',
  messages: { offline: 'Sem rede.' },
  wasm: '/perse.wasm',
};
configure(options);
configure({});
const sources: WasmSource[] = [
  '/perse.wasm',
  new URL('https://example.com/perse.wasm'),
  new Response(),
  fetch('/perse.wasm'),
  new ArrayBuffer(8),
  new Uint8Array(8),
  new WebAssembly.Module(new ArrayBuffer(8)),
];
for (const wasm of sources) Slim.configure({ wasm });

// Further clients have the same members; both entries have the same types.
const tenants: PerseClient[] = [createPerse(), createPerse(options), slim, Slim, perse, Perse];
for (const client of tenants) {
  client.setToken('');
  client.configure({ timeout: 1 });
  await client.face.detect(file, true);
}
const methods: FaceMethods = slimFace;
const whole: typeof Perse = Slim;
console.log(methods, whole);

try {
  await face.detect(file, true);
} catch (error) {
  if (isPerseError(error) && error.code === 'timeout') console.log(error.toJSON().message, error.stack);
  if (error instanceof PerseError) console.log(error.status, error.name);
}
