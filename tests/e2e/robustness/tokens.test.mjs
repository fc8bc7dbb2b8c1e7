// Session tokens: renewal, events, rejected and expired tokens.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { callWith, endOf, GRACE, inEachEngine, mint } from '../harness.mjs';

inEachEngine('tokens', (harness) => {
  const { fault, inPage, open, told } = harness;

  describe('200 calls at once', () => {
    beforeEach(() => open());

    test('with a token that is about to end: one renewal', async () => {
      const { name, url } = fault('ok');
      const ending = mint({ lifetime: 3 });
      const { codes, asked } = await inPage(callAtTheEnd, url, [ending, mint()], endOf(ending) - 150);
      assert.deepEqual(codes, { success: 200 });
      assert.equal(asked, 2, 'the first token, and its renewal');
      assert.deepEqual(await told(name), { requests: 201, tokens: 2, authorized: 201 });
    });

    test('with a token that the service rejects: one renewal', async () => {
      const { name, url } = fault('ok');
      const { codes, asked } = await inPage(callAtTheEnd, url, [mint({ secret: 'wrong' }), mint()], 0);
      assert.deepEqual(codes, { success: 200 });
      assert.equal(asked, 2);
      assert.equal((await told(name)).tokens, 2);
    });
  });

  describe('tokens', () => {
    beforeEach(() => open());

    test('one that has ended is not sent', async () => {
      const { name, url } = fault('ok');
      const { code, message } = await inPage(callWith, url, 'read', mint({ lifetime: 10, age: 20 }));
      assert.equal(code, 'unauthorized');
      assert.match(message, /has expired/);
      assert.equal((await told(name)).requests, 0);
    });

    test('a provider that gives none is a failure in words, in time', async () => {
      const { name, url } = fault('ok');
      const results = await inPage(badProviders, url);
      assert.ok(Object.keys(results).length > 10);
      for (const [kind, { code, ms, cause }] of Object.entries(results)) {
        assert.equal(code, 'unauthorized', kind);
        assert.match(cause, /token provider/, kind);
        assert.ok(ms < 600 + GRACE, `${kind}: ${ms} ms`);
      }
      assert.equal((await told(name)).requests, 0);
    });

    test('one that was rejected is not sent again', async () => {
      const { name, url } = fault('401');
      const { code, cause } = await inPage(callWith, url, 'read', [mint()]);
      assert.equal(code, 'unauthorized');
      assert.match(cause, /the same token again/);
      assert.equal((await told(name)).requests, 1);
    });

    test('one that is ending will do when the provider fails', async () => {
      const { name, url } = fault('ok');
      const token = mint({ lifetime: 4 });
      assert.equal(await inPage(failingRenewal, url, token, endOf(token) - 200), 'success');
      assert.deepEqual(await told(name), { requests: 2, tokens: 1, authorized: 2 });
    });

    for (const [direction, hours] of [
      ['fast', 1],
      ['slow', -1],
    ]) {
      test(`a clock that is ${direction} by an hour does no harm`, async () => {
        await open({ clock: hours * 3_600_000 });
        const { name, url } = fault('ok');
        const { codes, asked } = await inPage(callBeforeAndAfter, url, [mint({ lifetime: 3 }), mint()], 3000);
        assert.deepEqual(codes, ['success', 'success', 'success']);
        assert.deepEqual(asked, [1, 1, 2]);
        assert.deepEqual(await told(name), { requests: 3, tokens: 2, authorized: 3 });
      });
    }

    test('their life is told as it goes on', async () => {
      const { url } = fault('ok');
      const token = mint({ lifetime: 3 });
      const { events, ends, afterwards } = await inPage(watchTokens, url, [token, mint()]);
      assert.deepEqual(events, ['renewed', 'expiring', 'expired', 'renewed']);
      assert.ok(Math.abs(ends[0] - endOf(token)) < 1000, `${ends[0]} for ${endOf(token)}`);
      assert.equal(ends[1], ends[0]);
      assert.equal(afterwards, 4, 'nothing is told to one who has stopped listening');
    });

    test('a listener that fails harms nobody', async () => {
      const { url } = fault('ok');
      assert.deepEqual(await inPage(failingListener, url, mint()), ['success', 1]);
    });

    test('clear ends what is under way and forgets the user', async () => {
      const { name, url } = fault('hang');
      const later = fault('ok');
      const codes = await inPage(clearUnderWay, url, later.url, mint(), mint());
      assert.deepEqual(codes, {
        underWay: ['aborted', 'aborted', 'aborted'],
        renewing: 'aborted',
        biometric: 'consent_required',
        other: 'unauthorized',
        withConsent: 'unauthorized',
      });
      assert.equal((await told(name)).requests, 3);
      assert.equal((await told(later.name)).requests, 0, 'a token that came too late is not used');
    });

    test('what is set during a renewal is newer than what comes of it', async () => {
      const { name, url } = fault('ok');
      const codes = await inPage(setDuringRenewal, url, mint({ secret: 'old' }), mint());
      assert.deepEqual(codes, ['success', 'success']);
      assert.deepEqual(await told(name), { requests: 2, tokens: 1, authorized: 2 });
    });
  });
});

async function callAtTheEnd(url, tokens, time) {
  const give = lab.provider(...tokens);
  // As long as a request to the page's own server, so that all calls wait for it.
  const slow = Object.assign(() => lab.sleep(100).then(give));
  const client = lab.client(url, { token: slow, timeout: 25_000 });
  if (time) await lab.call(client, 'read');
  await lab.until(() => lab.now() >= time);
  const results = await Promise.all(Array.from({ length: 200 }, () => lab.call(client, 'read')));
  const codes = {};
  for (const { code } of results) codes[code] = (codes[code] ?? 0) + 1;
  return { codes, asked: give.asked };
}

async function badProviders(url) {
  const providers = {
    throws: () => {
      throw new Error('no session');
    },
    rejects: () => Promise.reject(new TypeError('x is not a function')),
    rejectsWithNothing: () => Promise.reject(),
    rejectsWithText: () => Promise.reject('no'),
    object: async () => ({ jwt: 'x' }),
    empty: async () => '',
    blank: async () => '  ',
    page: async () => '<!doctype html><p>Please log in',
    json: async () => '{"token":"x"}',
    bearer: async () => 'Bearer x',
    number: async () => 42,
    nothing: async () => undefined,
    null: () => null,
    array: async () => ['x'],
    thenable: () => ({ then: () => {} }),
    hangs: () => new Promise(() => {}),
  };
  const results = {};
  for (const [kind, token] of Object.entries(providers)) {
    results[kind] = await lab.call(lab.client(url, { token, timeout: 600 }), 'read');
  }
  return results;
}

async function failingRenewal(url, token, time) {
  const tokens = [token];
  const client = lab.client(url, {
    token: async () => tokens.shift() ?? Promise.reject(new Error('no session')),
  });
  await lab.call(client, 'read');
  await lab.until(() => lab.now() >= time);
  return (await lab.call(client, 'read')).code;
}

async function callBeforeAndAfter(url, tokens, lifetime) {
  const token = lab.provider(...tokens);
  const client = lab.client(url, { token });
  const codes = [];
  const asked = [];
  const call = async () => {
    codes.push((await lab.call(client, 'read')).code);
    asked.push(token.asked);
  };
  await call();
  await call();
  await lab.sleep(lifetime + 100);
  await call();
  return { codes, asked };
}

async function watchTokens(url, tokens) {
  const told = [];
  const client = lab.client(url, { token: lab.provider(...tokens) });
  const stop = client.onToken((event, ends) => told.push({ event, ends }));
  await lab.call(client, 'read');
  await lab.until(() => told.some(({ event }) => event === 'expired'));
  await lab.call(client, 'read');
  await lab.until(() => told.length >= 4);
  stop();
  client.setToken(tokens[0]);
  await lab.sleep(300);
  return {
    events: told.map(({ event }) => event),
    ends: told.map(({ ends }) => ends),
    afterwards: told.length,
  };
}

async function failingListener(url, token) {
  let told = 0;
  // It is told to the page as any other error of its own.
  addEventListener('error', (event) => event.preventDefault(), { once: true });
  const client = lab.client(url, { token: '' });
  client.onToken(() => {
    throw new Error("the page's own");
  });
  client.onToken(() => void told++);
  client.setToken(token);
  const { code } = await lab.call(client, 'read');
  await lab.until(() => told > 0);
  return [code, told];
}

async function clearUnderWay(url, later, token, late) {
  const client = lab.client(url, { token });
  const calls = ['detect', 'compare', 'read'].map((method) => lab.call(client, method));
  let arrive;
  const slow = lab.client(later, { token: () => new Promise((resolve) => (arrive = resolve)) });
  const renewing = lab.call(slow, 'read');
  await lab.until(() => arrive);
  await lab.sleep(500);
  client.clear();
  slow.clear();
  arrive(late);
  const underWay = (await Promise.all(calls)).map(({ code }) => code);
  client.configure({ baseUrl: later });
  return {
    underWay,
    renewing: (await renewing).code,
    biometric: (await lab.call(client, 'detect')).code,
    other: (await lab.call(slow, 'read')).code,
    withConsent: (await lab.call(client, 'detect', true)).code,
  };
}

async function setDuringRenewal(url, old, newer) {
  let arrive;
  const client = lab.client(url, { token: () => new Promise((resolve) => (arrive = resolve)) });
  const call = lab.call(client, 'read');
  await lab.until(() => arrive);
  client.setToken(newer);
  arrive(old);
  return [(await call).code, (await lab.call(client, 'read')).code];
}
