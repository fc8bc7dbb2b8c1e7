// Tokens, photos and consent: nothing is sent that should not be.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { inEachEngine, mint } from '../harness.mjs';

inEachEngine('secrets and consent', (harness) => {
  const { fault, inPage, open, told } = harness;

  describe('safety', () => {
    test('a token goes nowhere over plain http', async () => {
      await open();
      const refused = await inPage(configureAll, [
        ...[
          'http://example.com/v0',
          'http://192.168.1.2/v0',
          'http://localhost.example.com',
          'ftp://localhost',
        ],
        ...[
          '//example.com/v0',
          'https://user:pass@example.com',
          'javascript:0',
          'http://127.0.0.1.example.com',
        ],
      ]);
      for (const [url, code] of Object.entries(refused)) assert.equal(code, 'invalid_request', url);
      const taken = await inPage(configureAll, [
        ...[
          'https://example.com/v0',
          'http://localhost:1/v0',
          'http://127.0.0.1/v0',
          'http://[::1]:8/v0',
          '/v0',
        ],
      ]);
      for (const [url, code] of Object.entries(taken)) assert.equal(code, 'taken', url);
    });

    test('nothing but the token goes with a request', async () => {
      // Of the service's own origin, where cookies and a referrer would go by themselves.
      await open({ at: harness.recorder.url });
      harness.recorder.requests.length = 0;
      const codes = await inPage(async (url) => {
        document.cookie = 'page=1; path=/';
        const client = lab.client(`${url}/v0`);
        return [await lab.call(client, 'read'), await lab.call(client, 'read')].map(({ code }) => code);
      }, harness.recorder.url);
      assert.deepEqual(codes, ['success', 'success']);
      assert.equal(harness.recorder.requests.length, 2, 'the first answer was not kept');
      for (const { headers } of harness.recorder.requests) {
        assert.match(headers.authorization, /^Bearer eyJ/);
        assert.equal(headers.cookie, undefined);
        assert.equal(headers.referer, undefined);
      }
      assert.equal(
        await inPage(async () => document.cookie),
        'page=1',
        'the cookie of the answer was not taken either',
      );
    });

    test('the token stands nowhere', async () => {
      await open();
      const opaque = ['opaque-secret-0001', 'opaque-secret-0002', 'an-api-key-secret'];
      const secrets = [mint(), mint(), ...opaque];
      const { texts, console: lines } = await inPage(tellAll, `${harness.recorder.url}/refusing`, secrets);
      assert.ok(texts.length > 10);
      assert.ok(lines.length > 5, 'there are warnings');
      for (const text of [...texts, ...lines]) {
        for (const secret of secrets) assert.ok(!text.includes(secret), text.replaceAll(secret, 'SECRET'));
      }
    });

    test('an <img> of more than 120 megapixels is not read', async () => {
      await open();
      assert.deepEqual(await inPage(prepareSvg, [100, 13_000]), ['success', 'file_too_large']);
    });

    test('a base element does not move a call', async () => {
      await open({ at: harness.recorder.url });
      harness.recorder.requests.length = 0;
      const elsewhere = fault('ok');
      const code = await inPage(callWithBase, elsewhere.url);
      assert.equal(code, 'success');
      assert.equal(harness.recorder.requests[0].url, '/v0/face/enrollment/list');
      assert.equal((await told(elsewhere.name)).requests, 0);
    });

    test('clients do not share a token', async () => {
      await open();
      harness.recorder.requests.length = 0;
      const tokens = { a: mint(), b: mint(), c: mint() };
      await inPage(callAsTenants, harness.recorder.url, tokens);
      assert.equal(harness.recorder.requests.length, 60);
      for (const { url, headers } of harness.recorder.requests) {
        const tenant = url.split('/')[1];
        assert.ok(headers.authorization === `Bearer ${tokens[tenant]}`, `the token of tenant ${tenant}`);
      }
    });
  });

  describe('consent', () => {
    before(() => open());

    test('without it no photo is sent, however it is said', async () => {
      const { name, url } = fault('ok');
      const codes = await inPage(withoutConsent, url);
      assert.equal(codes.length, 7 * 5);
      assert.deepEqual([...new Set(codes)], ['consent_required']);
      assert.equal((await told(name)).requests, 0);
    });

    test('a polluted Object.prototype neither gives it nor moves a call', async () => {
      const { name, url } = fault('ok');
      const elsewhere = fault('ok');
      await open();
      const { codes, read } = await inPage(callPolluted, url, elsewhere.url);
      assert.equal(codes.length, 7 * 5);
      assert.deepEqual([...new Set(codes)], ['consent_required']);
      assert.equal(read, 'success');
      assert.equal((await told(name)).requests, 1, 'the list, which needs no consent');
      assert.equal((await told(elsewhere.name)).requests, 0);
      await open();
    });

    test('any way of giving it will do', async () => {
      const codes = await inPage(withConsent, harness.api);
      assert.deepEqual(codes, ['success', 'success', 'success', 'success']);
    });

    test('it can be taken back while a call waits to be repeated', async () => {
      const { name, url } = fault('503-1,ok');
      assert.equal(await inPage(revokeDuringPause, url), 'consent_required');
      assert.equal((await told(name)).requests, 1);
    });
  });
});

/** Values that a library which pollutes `Object.prototype` must not change. */
async function callPolluted(url, elsewhere) {
  const additions = {
    ...{ enduserConsent: true, baseUrl: elsewhere, fetch: () => fetch(`${elsewhere}/face/enrollment/list`) },
    ...{ warn: false, timeout: 1, retries: 0, mode: 'no-cors', integrity: 'sha256-AA==' },
  };
  Object.assign(Object.prototype, additions);
  try {
    const client = Perse.createPerse({ baseUrl: url });
    client.setToken(lab.token);
    const methods = Object.keys(lab.methods).filter((method) => !['read', 'delete'].includes(method));
    const codes = [];
    for (const change of [{}, { warn: false }, { enduserConsent: false }]) {
      client.configure(change);
      for (const method of methods) codes.push((await lab.call(client, method)).code);
    }
    for (const method of methods) codes.push((await lab.call(client, method, {})).code);
    const { code: read } = await lab.call(client, 'read', { timeout: 8000 });
    client.clear();
    for (const method of methods) codes.push((await lab.call(client, method, { retries: 1 })).code);
    return { codes, read };
  } finally {
    for (const name of Object.keys(additions)) delete Object.prototype[name];
  }
}

/** Prepares square SVG images, with and without more pixels than are read. */
async function prepareSvg(sides) {
  const codes = [];
  for (const side of sides) {
    const image = new Image();
    image.src = `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"/>`;
    await image.decode().catch(() => {});
    const { code } = await lab.client(lab.api, { timeout: 30_000 }).image.prepare(image);
    codes.push(code);
  }
  return codes;
}

/** Calls a relative base URL on a page whose `<base href>` names another server. */
async function callWithBase(elsewhere) {
  const base = document.head.appendChild(document.createElement('base'));
  base.href = `${elsewhere}/`;
  try {
    return (await lab.call(lab.client('/v0'), 'read')).code;
  } finally {
    base.remove();
  }
}

async function configureAll(urls) {
  const attempt = (baseUrl, apply) => {
    try {
      apply({ baseUrl });
      return 'taken';
    } catch (error) {
      return error.code;
    }
  };
  const outcomes = {};
  for (const url of urls) {
    const client = Perse.createPerse();
    const both = [attempt(url, client.configure), attempt(url, Perse.createPerse)];
    outcomes[url] = both[0] === both[1] ? both[0] : both.join(' and ');
  }
  return outcomes;
}

/** Everything that can be read of clients which failed in ways that have to do with their secrets. */
async function tellAll(url, [first, second, opaque, another, key]) {
  const texts = [];
  const keep = async (client, call) => {
    const result = await call;
    texts.push(JSON.stringify(result), JSON.stringify(client), JSON.stringify(Object.values(client)));
    client.configure({ throwOnError: true });
    await lab.call(client, 'read').catch((error) => {
      texts.push(`${error} ${error.stack} ${error.message} ${JSON.stringify(error)} ${error.cause}`);
    });
    client.configure({ throwOnError: false });
  };
  const telling = (token) => lab.client(url, { token, warn: true });
  const read = (client) => keep(client, lab.call(client, 'read'));
  // The service says it.
  for (const token of [first, opaque]) await read(telling(token));
  await read(telling(lab.provider(first, second)));
  await read(telling(lab.provider(opaque, another)));
  // The provider says it.
  await read(
    telling(() => {
      throw new Error(`${first} is no good`);
    }),
  );
  let asked = 0;
  await read(
    telling(async () => {
      if (asked++ > 0) throw new Error(`${opaque} is no good`);
      return opaque;
    }),
  );
  // It is replaced or forgotten while the service says it.
  const replaced = telling(opaque);
  const call = lab.call(replaced, 'read');
  replaced.setToken(another);
  await keep(replaced, call);
  const forgotten = telling(opaque);
  const last = lab.call(forgotten, 'read');
  await lab.sleep(0);
  forgotten.setToken('');
  await keep(forgotten, last);
  // An API key is a secret, too.
  const keyed = telling('');
  keyed.init(key);
  await read(keyed);
  // A value that is no token is refused, and not part of the message.
  for (const wrong of [`Bearer ${first}`, `{"token":"${opaque}"}`]) {
    try {
      keyed.setToken(wrong);
    } catch (error) {
      texts.push(`${error} ${JSON.stringify(error)}`);
    }
  }
  Perse.setToken(first);
  texts.push(JSON.stringify(Perse), JSON.stringify({ ...Perse }), JSON.stringify(Perse.default));
  return { texts: texts.map(String), console: lab.console };
}

async function callAsTenants(url, tokens) {
  const clients = Object.entries(tokens).map(([tenant, token], index) =>
    lab.client(`${url}/${tenant}`, { token: index === 1 ? async () => token : token }),
  );
  const calls = Array.from({ length: 60 }, (_, index) => lab.call(clients[index % clients.length], 'read'));
  await Promise.all(calls);
}

async function withoutConsent(url) {
  const configured = lab.client(url);
  const never = lab.client(url, { enduserConsent: undefined });
  const revoked = lab.client(url);
  revoked.configure({ enduserConsent: false });
  const methods = Object.keys(lab.methods).filter((method) => !['read', 'delete'].includes(method));
  const calls = methods.flatMap((method) => [
    lab.call(never, method),
    lab.call(revoked, method),
    lab.call(configured, method, false),
    lab.call(configured, method, { enduserConsent: false }),
    lab.call(never, method, true, { enduserConsent: false }),
  ]);
  return (await Promise.all(calls)).map(({ code }) => code);
}

async function withConsent(url) {
  const never = lab.client(url, { enduserConsent: undefined });
  const results = [
    await lab.call(never, 'detect', true),
    await lab.call(never, 'detect', { enduserConsent: true }),
    await lab.call(never, 'detect', false, { enduserConsent: true }),
    await lab.call(lab.client(url), 'detect'),
  ];
  return results.map(({ code }) => code);
}

async function revokeDuringPause(url) {
  const client = lab.client(url);
  const call = lab.call(client, 'detect');
  await lab.sleep(700);
  client.configure({ enduserConsent: false });
  return (await call).code;
}
