// The robustness tests' harness: a sandbox that fails on request, a browser, and a page of another origin than the
// service's. In the page, the global `lab` (lab.page.js) calls the package.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe } from 'node:test';
import { createServer } from 'node:http';
import { root } from '../../scripts/lib/run.mjs';
import { chosenEngines, openBrowser } from '../../scripts/lib/browser.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { inPage } from '../consumers/lib/page.mjs';
import { serveFolder } from '../consumers/lib/static.mjs';
import { crop } from './photos.mjs';

const SECRET = 'robustness-test';

export const METHODS = [
  ...['detect', 'compare', 'isSimilar', 'quality', 'qualityWithSpoofCheck'],
  ...['create', 'read', 'update', 'delete'],
];
/** The default. */
export const RETRIES = 2;
/** Time that a call may take beyond its limit. */
export const GRACE = 1000;

/** Declares the tests of a subject in each engine; `define` receives the harness, which opens before the tests. */
export function inEachEngine(subject, define) {
  for (const engine of chosenEngines()) {
    describe(`${subject} in ${engine}`, { timeout: 600_000 }, () => {
      let opened;
      before(async () => {
        opened = await openHarness(engine);
      });
      after(() => opened?.close());
      const later =
        (name) =>
        (...values) =>
          opened[name](...values);
      define({
        engine,
        ...Object.fromEntries(['fault', 'inPage', 'open', 'told'].map((name) => [name, later(name)])),
        get api() {
          return opened.api;
        },
        get driver() {
          return opened.driver;
        },
        get recorder() {
          return opened.recorder;
        },
      });
    });
  }
}

/** Opens sandbox, recorder and browser of an engine. */
async function openHarness(engine) {
  // The tests' page, the package and the core that panics.
  const files = await serveFolder(root, {
    headers: { 'access-control-allow-origin': '*', 'cache-control': 'no-cache' },
  });
  const parts = await Promise.allSettled([
    startSandbox(['--faults', '--cors', '*', '--private-key', 'key', '--jwt-secret', SECRET]),
    startRecorder(files.url),
    openBrowser(engine),
  ]);
  const [sandbox, recorder, browser] = parts.map(({ value }) => value);
  const close = () => Promise.all([browser?.quit(), sandbox?.stop(), files.stop(), recorder?.stop()]);
  const failed = parts.find(({ status }) => status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  // A face and little else: the service has much to look at.
  const photo = (await crop(3, [384, 164, 600, 600]).resize(240).jpeg().toBuffer()).toString('base64');
  let user;
  let names = 0;
  const harness = {
    ...{ engine, sandbox, recorder, close, driver: browser.driver },
    /**
     * The service without faults, under another name than with them: browsers send even a POST again, by
     * themselves, when a connection that has served before is dropped.
     */
    api: `${sandbox.page}/v0`,
    /** A name that no other test uses, and the service that fails for it. */
    fault(steps) {
      const name = `test-${++names}`;
      return { name, url: `${sandbox.url}/faults/${name}:${steps}/v0` };
    },
    /** Returns the requests that the service has met under a name. */
    told: (name) => fetch(`${sandbox.url}/faults/${name}`).then((answer) => answer.json()),
    /** Opens a new page. */
    async open({ entry, lang, clock, at = files.url } = {}) {
      const query = new URLSearchParams(Object.entries({ entry, lang, clock }).filter(([, value]) => value));
      await browser.driver.get(`${at}/tests/e2e/lab.html?${query}`);
      const settings = { photo, user, token: mint(), api: harness.api };
      user ??= await inPage(browser.driver, prepare, settings);
      await inPage(browser.driver, prepare, { ...settings, user });
    },
    /** Runs a function in the page; what it gives has to be JSON. */
    inPage: (action, ...values) => inPage(browser.driver, action, ...values),
  };
  return harness;
}

/** Gives the page what it needs from here; without a user it enrols one. */
async function prepare({ photo, user, token, api }) {
  while (!globalThis.lab?.isReady) await new Promise((resolve) => setTimeout(resolve, 10));
  const bytes = Uint8Array.from(atob(photo), (character) => character.charCodeAt(0));
  Object.assign(lab, { photo: new Blob([bytes]), token, user });
  if (user) return user;
  const { userToken, message } = await lab.call(lab.client(api, { timeout: 30_000 }), 'create');
  if (!userToken) throw new Error(message);
  return userToken;
}

let minted = 0;

/**
 * A session token of its own, as the sandbox would sign it; `secret` signs one that it refuses.
 * `lifetime` and `age` are seconds.
 */
export function mint({ lifetime = 900, age = 0, secret = SECRET } = {}) {
  const iat = Math.floor(Date.now() / 1000) - age;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iat, exp: iat + lifetime, jti: ++minted })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** When a token ends, in milliseconds since 1970. */
export const endOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp * 1000;

/**
 * A service that keeps what it is sent and tells it back: below `/refusing` with every credential in an
 * error, below other paths with an empty list of users. It also is an origin of the tests' page.
 */
async function startRecorder(files) {
  const requests = [];
  const server = createServer((request, response) => {
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*, authorization' };
    const { headers, method, url } = request;
    request.resume();
    if (method === 'OPTIONS') return void response.writeHead(204, cors).end();
    const answer = (status, body) =>
      response
        // It may be kept, and sets a cookie.
        .writeHead(status, { ...cors, 'cache-control': 'max-age=3600', 'set-cookie': 'service=1; path=/' })
        .end(JSON.stringify(body));
    if (url.startsWith('/tests/')) {
      response.writeHead(200, { 'content-type': 'text/html' });
      return void response.end(`<script type="module" src="${files}/tests/e2e/lab.page.js"></script>`);
    }
    if (url === '/favicon.ico') return void response.writeHead(404).end();
    requests.push({ url, headers });
    if (url.startsWith('/refusing')) {
      const secrets = `${headers.authorization ?? ''} ${headers['x-api-key'] ?? ''}`;
      return void answer(401, { status: false, code: 'unauthorized', message: `No: ${secrets}` });
    }
    answer(200, { user_tokens: [], total_users: 0, time_taken: 0, status: 200 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export async function callOnce(url, method) {
  return lab.call(lab.client(url), method);
}

export async function callWith(url, method, tokens) {
  const token = Array.isArray(tokens) ? lab.provider(...tokens) : tokens;
  return lab.call(lab.client(url, { token }), method);
}
