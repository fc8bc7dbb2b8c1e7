// Every fault of the service at every method, and the recovery from it.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { callOnce, callWith, GRACE, inEachEngine, METHODS, mint, RETRIES } from '../harness.mjs';

const REPEATABLE = METHODS.filter((method) => method !== 'create');

/** Failures after which a request is sent again, and those after which it is not. */
const again = (code) => ({ code, isRepeated: true });

const once = (code) => ({ code, isRepeated: false });

/**
 * The outcome of each fault, at every method: with `but` a method has another outcome, with `or` an engine
 * may have another one.
 */
const FAULTS = {
  'drop-before': again('network_error'),
  'drop-after': again('network_error'),
  // Firefox and WebKit may take the half body for a whole one.
  'drop-inside': {
    ...again('network_error'),
    or: { firefox: once('invalid_response'), webkit: once('invalid_response') },
  },
  hang: once('timeout'),
  stall: once('timeout'),
  garbage: once('invalid_response'),
  truncated: once('invalid_response'),
  html: once('invalid_response'),
  'html-502': again('server_error'),
  empty: once('invalid_response'),
  shape: once('invalid_response'),
  null: once('invalid_response'),
  401: once('unauthorized'),
  500: again('server_error'),
  502: again('server_error'),
  503: again('server_busy'),
  504: again('server_error'),
  429: again('rate_limited'),
  '429-1': again('rate_limited'),
  '503-1': again('server_busy'),
  redirect: again('network_error'),
  // Verdicts are given without the answer's unknown fields, in which the depth is.
  'hostile-deep': {
    ...once('invalid_response'),
    but: { isSimilar: once('similar'), quality: once('success'), qualityWithSpoofCheck: once('success') },
  },
  // A list of a million users is as long.
  'hostile-huge': { ...once('invalid_response'), but: { read: once('success') } },
  'hostile-types': once('invalid_response'),
  'hostile-duplicates': once('invalid_response'),
  // Of these methods' answers no wrong number is read.
  'hostile-numbers': {
    ...once('invalid_response'),
    but: { create: once('success'), update: once('success'), delete: once('success') },
  },
};

/** Requests that a call should have met, of which `met` is the code. */
function expectedOf(fault, method, engine, met) {
  const { but, or, ...usual } = FAULTS[fault];
  const other = or?.[engine]?.code === met ? or[engine] : undefined;
  const { code, isRepeated } = other ?? but?.[method] ?? usual;
  // A user that may have been stored is not stored twice.
  const isSentAgain = isRepeated && (method !== 'create' || code === 'rate_limited');
  // Firefox sends a GET up to ten times by itself, when a connection ends without an answer.
  const isMultiplied = engine === 'firefox' && method === 'read' && /drop-(before|after)/.test(fault);
  return {
    ...{ method, code, next: 'success' },
    requests: (isSentAgain ? 1 + RETRIES : 1) * (isMultiplied ? 10 : 1),
  };
}

inEachEngine('faults', (harness) => {
  const { engine, fault, inPage, open, told } = harness;

  describe('every fault at every method', () => {
    before(() => open());
    for (const steps of Object.keys(FAULTS)) {
      test(steps, async () => {
        const isSlow = ['hang', 'stall'].includes(steps);
        const timeout = isSlow ? 1200 : 8000;
        const calls = METHODS.map((method) => ({ method, ...fault(steps) }));
        const results = await inPage(meetFault, calls, harness.api, timeout);
        const met = [];
        for (const [index, { code, ms, message, next }] of results.entries()) {
          const { method, name } = calls[index];
          met.push({ method, code, requests: (await told(name)).requests, next });
          assert.ok(ms < timeout + GRACE, `${method} took ${ms} ms`);
          assert.ok(message.length > 20, message);
          if (steps === 'redirect') assert.equal((await told(`${name}-redirected`)).requests, 0);
        }
        assert.deepEqual(
          met,
          met.map(({ method, code }) => expectedOf(steps, method, engine, code)),
        );
      });
    }
  });

  describe('recovery', () => {
    before(() => open());

    test('a service that stumbles twice is asked three times', async () => {
      const calls = REPEATABLE.map((method) => ({ method, ...fault('503,500,ok') }));
      const results = await inPage(
        (calls) => lab.each(calls, ({ method, url }) => lab.call(lab.client(url), method)),
        calls,
      );
      for (const [index, result] of results.entries()) {
        assert.equal(result.status, true, `${calls[index].method}: ${result.message}`);
        assert.equal((await told(calls[index].name)).requests, 3);
      }
    });

    test('retries can be left off', async () => {
      const { name, url } = fault('503,ok');
      const code = await inPage(
        async (url) => (await lab.call(lab.client(url), 'read', { retries: 0 })).code,
        url,
      );
      assert.equal(code, 'server_busy');
      assert.equal((await told(name)).requests, 1);
    });

    test('the time that the service asks for is kept', async () => {
      for (const method of ['create', 'read']) {
        const { name, url } = fault('429-1,ok');
        const { code, ms } = await inPage(callOnce, url, method);
        assert.equal(code, 'success');
        assert.ok(ms >= 1000, `${ms} ms`);
        assert.equal((await told(name)).requests, 2);
      }
    });

    test('a time beyond the limit is not waited for', async () => {
      for (const [step, expected] of [
        ['429-60', 'rate_limited'],
        ['503-60', 'server_busy'],
      ]) {
        const { name, url } = fault(`${step},ok`);
        const { code, ms } = await inPage(callOnce, url, 'read');
        assert.equal(code, expected);
        assert.ok(ms < 2000, `${ms} ms`);
        assert.equal((await told(name)).requests, 1);
      }
    });

    test('a deletion whose answer was lost has succeeded', async () => {
      const { name, url } = fault('drop-after,ok');
      const { result, isThere, again } = await inPage(deleteUser, harness.api, url);
      assert.equal(result.code, 'success');
      assert.equal(result.status, true);
      assert.equal(isThere, false);
      assert.equal((await told(name)).requests, 2);
      assert.equal(again, 'user_token_not_found', 'a user that never was there is told');
    });

    test('an enrolment whose answer was lost is stored once', async () => {
      const { name, url } = fault('drop-after');
      const { code, more } = await inPage(enrolLost, harness.api, url);
      assert.equal(code, 'network_error');
      assert.equal(more, 1);
      assert.equal((await told(name)).requests, 1);
    });

    test('a rejected token is replaced, once', async () => {
      for (const [steps, tokens, expected, met] of [
        ['401,ok', 'provider', 'success', { requests: 2, tokens: 2, authorized: 2 }],
        ['401', 'provider', 'unauthorized', { requests: 2, tokens: 2, authorized: 2 }],
        ['401,503,401,ok', 'provider', 'unauthorized', { requests: 3, tokens: 2, authorized: 3 }],
        ['503,401,503,ok', 'provider', 'success', { requests: 4, tokens: 2, authorized: 4 }],
        ['401', 'plain', 'unauthorized', { requests: 1, tokens: 1, authorized: 1 }],
      ]) {
        const { name, url } = fault(steps);
        const source = tokens === 'plain' ? mint() : [mint(), mint(), mint()];
        const { code } = await inPage(callWith, url, 'read', source);
        assert.equal(code, expected, steps);
        assert.deepEqual(await told(name), met, steps);
      }
      const { name, url } = fault('401,ok');
      const { code } = await inPage(callWith, url, 'create', [mint(), mint()]);
      assert.equal(code, 'success', 'nothing was stored when the token was rejected');
      assert.equal((await told(name)).requests, 2);
    });
  });
});

async function meetFault(calls, api, timeout) {
  lab.isHasty = true;
  const results = await lab.each(calls, async ({ method, url }) => {
    const client = lab.client(url, { timeout });
    const { code, ms, message } = await lab.call(client, method);
    client.configure({ baseUrl: api, timeout: 10_000 });
    const next = await lab.call(client, 'read');
    return { code, ms, message, next: next.code };
  });
  lab.isHasty = false;
  return results;
}

async function deleteUser(api, url) {
  const client = lab.client(api);
  const { userToken } = await lab.call(client, 'create');
  client.configure({ baseUrl: url });
  const result = await client.face.enrollment.delete(userToken);
  client.configure({ baseUrl: api });
  const { userTokens } = await client.face.enrollment.read();
  const again = await client.face.enrollment.delete(userToken);
  return { result, isThere: userTokens.includes(userToken), again: again.code };
}

async function enrolLost(api, url) {
  const client = lab.client(api);
  const before = await client.face.enrollment.read();
  client.configure({ baseUrl: url });
  const { code } = await lab.call(client, 'create');
  client.configure({ baseUrl: api });
  const after = await client.face.enrollment.read();
  return { code, more: after.totalUsers - before.totalUsers };
}
