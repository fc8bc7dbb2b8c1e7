// Harness of the tests of `perse-wasm/server`: the entry itself, the real sandbox behind a counting proxy,
// real photos, and the requests that a page makes.
import { build } from 'esbuild';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/run.mjs';
import { startSandbox } from '../../../scripts/lib/sandbox.mjs';
import { makePhotos } from '../../e2e/photos.mjs';

export const PRIVATE_KEY = '7c1e2a9e-57f4-4c0f-9a52-7f3a9a4d4f0b';
export const SECRET = 'a secret of the tests alone, and long enough';
export const CONSENT = 'client_declaration_enduser_consent';

/** The entry, bundled from its source as the package is. */
export async function loadServer() {
  const outfile = join(root, 'build', 'server', 'server.js');
  await build({
    ...{ entryPoints: [join(root, 'js/server/index.ts')], outfile, bundle: true, minify: true },
    ...{ format: 'esm', target: 'es2022', legalComments: 'none', logLevel: 'warning' },
  });
  return import(outfile);
}

/** A sandbox behind a proxy that counts and records what reaches the service. */
export async function startService(args = []) {
  let sandbox = await startSandbox(['--private-key', PRIVATE_KEY, ...args]);
  const requests = [];
  const proxy = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body });
    if (service.failure) return void response.writeHead(service.failure.status).end(service.failure.body);
    await service.gate;
    try {
      const { host: _host, connection: _connection, 'transfer-encoding': _chunked, ...rest } = headers;
      const init = { method, headers: rest, ...(body.length > 0 && { body }) };
      const upstream = await fetch(sandbox.url + url, init);
      const { 'content-length': _length, ...kept } = Object.fromEntries(upstream.headers);
      response.writeHead(upstream.status, kept).end(Buffer.from(await upstream.arrayBuffer()));
    } catch {
      request.socket.destroy();
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const service = {
    baseUrl: `http://127.0.0.1:${proxy.address().port}/v0`,
    /** The service itself, past the proxy. */
    get direct() {
      return `${sandbox.url}/v0`;
    },
    requests,
    /** Set to `{ status, body }`, it is the response to everything. */
    failure: undefined,
    /** A promise that each request waits for. */
    gate: undefined,
    /** Requests that carried a photo. */
    photos: () => requests.filter(({ url }) => url.startsWith('/v0/face/')),
    clear: () => requests.splice(0),
    async restart() {
      await sandbox.stop();
      sandbox = await startSandbox(['--private-key', PRIVATE_KEY, ...args]);
    },
    async stop() {
      proxy.closeAllConnections();
      proxy.close();
      await sandbox.stop();
    },
  };
  return service;
}

/** The photos that the tests send, as blobs by name. */
export async function loadPhotos() {
  const paths = await makePhotos();
  const names = ['firstPerson', 'firstPersonAgain', 'secondPerson', 'noFace', 'dark', 'text', 'blurred'];
  const blobs = await Promise.all(
    names.map(async (name) => [name, new Blob([await readFile(paths[name])], { type: 'image/jpeg' })]),
  );
  await paths.remove();
  return Object.fromEntries(blobs);
}

/** A page's form: consent, and these fields. */
export function form(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ [CONSENT]: 'true', ...fields })) form.append(name, value);
  return form;
}

/** A page's request. */
export function request(path, token, body, { method = 'POST', headers } = {}) {
  // Without a prototype, which some tests pollute.
  const init = Object.assign(Object.create(null), {
    method,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    ...(body !== undefined && { body, duplex: 'half' }),
  });
  return new Request(`https://shop.example/perse/v0${path}`, init);
}

/** A response, read to its end. */
export async function read(response) {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
}
