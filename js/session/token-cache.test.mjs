import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { PerseError } from '../error.js';
import { createTokenCache } from './token-cache.js';

const LIMIT = 1000;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 }));
afterEach(() => mock.timers.reset());

let issued = 0;

/** A token of so many seconds, as a service issues it now. */
function issue(lifetime = 900, age = 0) {
  const iat = Date.now() / 1000 - age;
  const claims = { iat, exp: iat + lifetime, jti: ++issued };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

/** A provider of these tokens, the last again and again. */
function providerOf(...tokens) {
  const provider = mock.fn(async () => tokens[Math.min(provider.mock.callCount(), tokens.length - 1)]);
  return provider;
}

const unauthorized = (words) => (error) => {
  assert.equal(error.code, 'unauthorized');
  assert.match(error.detail, words);
  return true;
};

test('without a token there is none', async () => {
  const cache = createTokenCache();
  assert.equal(await cache.get(undefined, LIMIT), undefined);
  cache.set('opaque');
  assert.equal(await cache.get(undefined, LIMIT), 'opaque');
  assert.equal(await cache.get('opaque', LIMIT), undefined, 'a rejected one is not sent again');
  cache.set(undefined);
  assert.equal(await cache.get(undefined, LIMIT), undefined);
});

test("a page's own token that has expired is not sent", async () => {
  const cache = createTokenCache();
  cache.set(issue(10, 20));
  await assert.rejects(cache.get(undefined, LIMIT), unauthorized(/or this device's clock is wrong/));
  cache.set(issue(10));
  assert.ok(await cache.get(undefined, LIMIT));
  mock.timers.tick(10_001);
  await assert.rejects(cache.get(undefined, LIMIT), unauthorized(/has expired\. Fetch a new one/));
});

test('a provider is asked once, and again before the expiry', async () => {
  const provider = providerOf(issue(900), issue(1800));
  const cache = createTokenCache();
  cache.set(provider);
  const [first, same] = await Promise.all([cache.get(undefined, LIMIT), cache.get(undefined, LIMIT)]);
  assert.equal(first, same);
  assert.equal(provider.mock.callCount(), 1);
  mock.timers.tick(869_000);
  assert.equal(await cache.get(undefined, LIMIT), first, '31 seconds are enough');
  mock.timers.tick(2_000);
  assert.notEqual(await cache.get(undefined, LIMIT), first);
  assert.equal(provider.mock.callCount(), 2);
});

test('200 calls at the expiry ask once', async () => {
  const provider = providerOf(issue(900), issue(1800));
  const cache = createTokenCache();
  cache.set(provider);
  await cache.get(undefined, LIMIT);
  mock.timers.tick(900_001);
  const tokens = await Promise.all(Array.from({ length: 200 }, () => cache.get(undefined, LIMIT)));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(provider.mock.callCount(), 2);
});

test('a rejected token is replaced, but not by itself', async () => {
  const [first, second] = [issue(), issue()];
  const cache = createTokenCache();
  cache.set(providerOf(first, second));
  assert.equal(await cache.get(undefined, LIMIT), first);
  assert.equal(await cache.get(first, LIMIT), second);
  const stubborn = createTokenCache();
  stubborn.set(providerOf(first));
  assert.equal(await stubborn.get(undefined, LIMIT), first);
  await assert.rejects(stubborn.get(first, LIMIT), unauthorized(/the same token again/));
});

test('a token that expires soon is better than a provider that fails', async () => {
  let token = issue(900);
  const cache = createTokenCache();
  cache.set(async () => {
    if (!token) throw new Error('no session');
    return token;
  });
  const first = await cache.get(undefined, LIMIT);
  token = undefined;
  mock.timers.tick(890_000);
  assert.equal(await cache.get(undefined, LIMIT), first);
  mock.timers.tick(10_001);
  await assert.rejects(cache.get(undefined, LIMIT), unauthorized(/it failed with "no session"/));
});

test('what a provider returns has to be a token', async () => {
  for (const [answer, words] of [
    [undefined, /it returned undefined/],
    [null, /it returned null/],
    [42, /it returned number/],
    [{ jwt: 'x' }, /it returned object/],
    [{ token: 42 }, /it returned number/],
    [new Response('', { status: 401 }), /HTTP status 401/],
    [new Response('<!doctype html>'), /such as JSON, a page/],
    [new Response('{"jwt":"x"}'), /it returned object/],
    ['', /it returned an empty string/],
    [' ', /it returned an empty string/],
    ['Bearer x', /such as JSON, a page or "Bearer …"/],
    ['{"token":"x"}', /such as JSON/],
    ['undefined', /such as JSON/],
  ]) {
    const cache = createTokenCache();
    cache.set(async () => answer);
    await assert.rejects(cache.get(undefined, LIMIT), unauthorized(words), String(answer));
  }
  const throwing = createTokenCache();
  throwing.set(() => {
    throw 'text';
  });
  await assert.rejects(throwing.get(undefined, LIMIT), unauthorized(/it failed with "string"/));
  const padded = createTokenCache();
  padded.set(async () => ' opaque\n');
  assert.equal(await padded.get(undefined, LIMIT), 'opaque');
});

test('a provider may return a token in an object or a response, with its expiry', async () => {
  for (const provided of [
    ' opaque\n',
    { token: 'opaque' },
    new Response('opaque\n'),
    new Response('{"token":"opaque","expiresAt":null}'),
    new Response(' "opaque"'),
  ]) {
    const cache = createTokenCache();
    cache.set(async () => provided);
    assert.equal(await cache.get(undefined, LIMIT), 'opaque');
  }
  const provider = mock.fn(() => ({ token: 'opaque', expiresAt: Date.now() + 900_000 }));
  const cache = createTokenCache();
  cache.set(provider);
  await cache.get(undefined, LIMIT);
  mock.timers.tick(860_000);
  await cache.get(undefined, LIMIT);
  assert.equal(provider.mock.callCount(), 1);
  mock.timers.tick(20_000);
  await cache.get(undefined, LIMIT);
  assert.equal(provider.mock.callCount(), 2, 'it expires soon');
});

test("a provider's own code and message, and a failure of the network, are passed on", async () => {
  const failed = new TypeError('Failed to fetch');
  for (const [error, expected] of [
    [new PerseError('rate_limited', 'Wait.'), { code: 'rate_limited', detail: 'Wait.' }],
    [
      { code: 'offline', message: 'No signal.' },
      { code: 'offline', detail: 'No signal.' },
    ],
    [{ code: 'consent_required' }, { code: 'consent_required', detail: undefined }],
    [failed, { code: 'network_error', detail: 'Failed to fetch' }],
    [new TypeError('Load failed'), { code: 'network_error', detail: 'Load failed' }],
  ]) {
    const cache = createTokenCache();
    cache.set(async () => {
      throw error;
    });
    await assert.rejects(cache.get(undefined, LIMIT), expected);
  }
  for (const error of [
    new TypeError('x is not a function'),
    { code: 'success', message: 'No.' },
    { code: 'no_such_code', message: 'No.' },
    Object.defineProperty({}, 'code', {
      get() {
        throw new Error();
      },
    }),
  ]) {
    const cache = createTokenCache();
    cache.set(async () => {
      throw error;
    });
    await assert.rejects(cache.get(undefined, LIMIT), unauthorized(/it failed with/));
  }
});

test('a provider that does not respond is late', async () => {
  const cache = createTokenCache();
  cache.set(() => new Promise(() => {}));
  const get = cache.get(undefined, LIMIT);
  mock.timers.tick(LIMIT);
  await assert.rejects(get, unauthorized(/did not respond in 1000 ms/));
});

test('a token that was set during a renewal is newer than what comes of it', async () => {
  let arrive;
  const cache = createTokenCache();
  cache.set(() => new Promise((resolve) => (arrive = resolve)));
  const get = cache.get(undefined, LIMIT);
  await Promise.resolve();
  cache.set('newer');
  arrive('older');
  assert.equal(await get, 'newer');
});

test('listeners are told of the lifetime', async () => {
  const told = [];
  const cache = createTokenCache();
  const stop = cache.listen((event, expiresAt) => told.push([event, expiresAt]));
  const expiresAt = Date.now() + 900_000;
  cache.set(issue(900));
  await Promise.resolve();
  assert.deepEqual(told, [['renewed', expiresAt]]);
  mock.timers.tick(869_999);
  assert.equal(told.length, 1);
  mock.timers.tick(1);
  mock.timers.tick(30_000);
  assert.deepEqual(told.slice(1), [
    ['expiring', expiresAt],
    ['expired', expiresAt],
  ]);
  stop();
  cache.set(issue(900));
  await Promise.resolve();
  mock.timers.tick(900_000);
  assert.equal(told.length, 3);
});

test('an opaque token has no expiry to tell', async () => {
  const told = [];
  const cache = createTokenCache();
  cache.listen((...event) => told.push(event));
  cache.set('opaque');
  await Promise.resolve();
  mock.timers.tick(1e9);
  assert.deepEqual(told, [['renewed', undefined]]);
});

test('a late listener is told of the rest, and each listener by itself', async () => {
  const cache = createTokenCache();
  cache.set(issue(900));
  mock.timers.tick(100_000);
  const told = [];
  const listener = (event) => told.push(event);
  const stops = [cache.listen(listener), cache.listen(listener)];
  await Promise.resolve();
  assert.deepEqual(told, []);
  mock.timers.tick(770_000);
  assert.deepEqual(told, ['expiring', 'expiring']);
  stops[0]();
  mock.timers.tick(30_000);
  assert.deepEqual(told, ['expiring', 'expiring', 'expired']);
  stops[1]();
});

test('a listener that throws does not stop the others', async () => {
  const told = [];
  const cache = createTokenCache();
  cache.listen(() => {
    throw new Error("the page's own");
  });
  cache.listen((event) => told.push(event));
  cache.set('opaque');
  await Promise.resolve();
  assert.deepEqual(told, ['renewed']);
  assert.throws(() => mock.timers.tick(1), /the page's own/, 'the page sees its error');
});

test('no text shows a token', () => {
  const cache = createTokenCache();
  cache.set('opaque-secret-17');
  const jwt = issue();
  const text = cache.redact(
    `opaque-secret-17, an-api-key-of-19 and ${jwt.replace('e30', 'eyJhbGciOiJIUzI1NiJ9')}`,
    new Set(['an-api-key-of-19', undefined]),
  );
  assert.equal(text, '…, … and …');
  cache.set('a');
  assert.equal(cache.redact('A short token is a word.', new Set(['word'])), 'A short token is a word.');
});

test('no part of a secret is repeated', () => {
  const cache = createTokenCache();
  const token = issue();
  cache.set(token);
  const [header, payload, signature] = token.split('.');
  const secrets = new Set(['Live-Key-4711-abcdef', undefined]);
  for (const part of [token, payload, signature, header, token.slice(0, 12), token.slice(-10)]) {
    for (const text of [part, part.toUpperCase(), `x${part}y`]) {
      // A signature of six characters is no secret by itself.
      if (part.length < 8) continue;
      assert.match(
        cache.redact(`The token ${text} is wrong.`, secrets),
        /^The token x?…y? is wrong\.$/,
        text,
      );
    }
  }
  for (const part of ['Live-Key-4711-abcdef', '4711-abc', 'KEY-4711']) {
    assert.equal(cache.redact(`Key (${part})`, secrets), 'Key (…)', part);
  }
  const plain = 'Expected an image. Load it with crossorigin="anonymous", see Access-Control-Allow-Origin.';
  assert.equal(cache.redact(plain, secrets), plain);
});
