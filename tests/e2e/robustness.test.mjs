// Sessions that do not run out under the user, and a transport that leaves nobody hanging: the built
// package against a service that fails in every way the sandbox knows, in each of the three engines.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { chosenEngines } from '../../scripts/lib/browser.mjs';
import { endOf, mint, openLab } from './lab.mjs';

const METHODS = [
  ...['detect', 'compare', 'isSimilar', 'quality', 'qualityWithSpoofCheck'],
  ...['create', 'read', 'update', 'delete'],
];
const REPEATABLE = METHODS.filter((method) => method !== 'create');

/** The default. */
const RETRIES = 2;
/** What a call may take beyond its time limit. */
const GRACE = 1000;

/** Failures after which a request is sent again, and those after which it is not. */
const again = (code) => ({ code, isRepeated: true });
const once = (code) => ({ code, isRepeated: false });

/**
 * What each fault gives, at every method: with `but` a method has another outcome, with `or` an engine
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

/** What a call should have met, of which `met` is the code. */
function expectedOf(fault, method, engine, met) {
  const { but, or, ...usual } = FAULTS[fault];
  const other = or?.[engine]?.code === met ? or[engine] : undefined;
  const { code, isRepeated } = other ?? but?.[method] ?? usual;
  // What may have been stored is not stored twice.
  const isSentAgain = isRepeated && (method !== 'create' || code === 'rate_limited');
  // Firefox sends a GET up to ten times by itself, when a connection ends without an answer.
  const isMultiplied = engine === 'firefox' && method === 'read' && /drop-(before|after)/.test(fault);
  return {
    ...{ method, code, next: 'success' },
    requests: (isSentAgain ? 1 + RETRIES : 1) * (isMultiplied ? 10 : 1),
  };
}

for (const engine of chosenEngines()) {
  describe(`robustness in ${engine}`, { timeout: 600_000 }, () => {
    let lab;
    before(async () => {
      lab = await openLab(engine);
    });
    after(() => lab?.close());
    // It is not there before the tests begin.
    const inPage = (...values) => lab.inPage(...values);
    const open = (...values) => lab.open(...values);
    const fault = (...values) => lab.fault(...values);
    const told = (...values) => lab.told(...values);

    describe('every fault at every method', () => {
      before(() => open());
      for (const steps of Object.keys(FAULTS)) {
        test(steps, async () => {
          const isSlow = ['hang', 'stall'].includes(steps);
          const timeout = isSlow ? 1200 : 8000;
          const calls = METHODS.map((method) => ({ method, ...fault(steps) }));
          const results = await inPage(meetFault, calls, lab.api, timeout);
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
        const { result, isThere, again } = await inPage(deleteUser, lab.api, url);
        assert.equal(result.code, 'success');
        assert.equal(result.status, true);
        assert.equal(isThere, false);
        assert.equal((await told(name)).requests, 2);
        assert.equal(again, 'user_token_not_found', 'a user that never was there is told');
      });

      test('an enrolment whose answer was lost is stored once', async () => {
        const { name, url } = fault('drop-after');
        const { code, more } = await inPage(enrolLost, lab.api, url);
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
          const { codes, asked } = await inPage(
            callBeforeAndAfter,
            url,
            [mint({ lifetime: 3 }), mint()],
            3000,
          );
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

    describe('cancelling', () => {
      beforeEach(() => open());

      test('before a call and in each part of one', async () => {
        const [before, hang, pause] = [fault('ok'), fault('hang'), fault('503-1,ok')];
        const results = await inPage(cancelCalls, before.url, hang.url, pause.url);
        for (const [what, { code, ms }] of Object.entries(results)) {
          assert.equal(code, 'aborted', what);
          assert.ok(ms < 300 + GRACE, `${what}: ${ms} ms`);
        }
        assert.equal((await told(before.name)).requests, 0);
        assert.equal((await told(pause.name)).requests, 1);
      });

      test('the reason is told', async () => {
        const results = await inPage(cancelWithReasons, fault('hang').url);
        const cancelled = (message) => ({ code: 'aborted', message });
        const { plain, timeout, ...others } = results;
        assert.equal(plain.code, 'aborted');
        assert.deepEqual(others, {
          text: cancelled('The call was cancelled: the page was left'),
          error: cancelled('The call was cancelled: too slow'),
          object: plain,
          null: plain,
        });
        assert.equal(timeout.code, 'timeout');
      });

      test('one signal for 500 calls keeps no listener, and no timer is left', async () => {
        const { codes, listeners, timers } = await inPage(shareSignal, lab.api, fault('503,ok').url);
        assert.deepEqual(codes, { success: 500 });
        assert.equal(listeners.added, 500, 'each call did listen');
        assert.equal(listeners.left, 0);
        assert.equal(timers, 0);
      });
    });

    test('offline is told apart', async () => {
      await open();
      const isReal = engine === 'chromium';
      assert.equal((await inPage(callOnce, lab.api, 'read')).code, 'success');
      if (isReal) await lab.driver.setNetworkConditions({ offline: true, latency: 0, throughput: 0 });
      else await inPage(pretendOffline);
      try {
        const offline = isReal ? lab.api : 'http://127.0.0.1:9/v0';
        for (const method of ['read', 'detect', 'create']) {
          const { code, message } = await inPage(callOnce, offline, method);
          assert.equal(code, 'offline', method);
          assert.match(message, /no network|offline|connection/i);
        }
      } finally {
        if (isReal) await lab.driver.deleteNetworkConditions();
        else await inPage(async () => void delete navigator.onLine);
      }
      assert.equal((await inPage(callOnce, lab.api, 'read')).code, 'success');
    });

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
        await open({ at: lab.recorder.url });
        lab.recorder.requests.length = 0;
        const codes = await inPage(async (url) => {
          document.cookie = 'page=1; path=/';
          const client = lab.client(`${url}/v0`);
          return [await lab.call(client, 'read'), await lab.call(client, 'read')].map(({ code }) => code);
        }, lab.recorder.url);
        assert.deepEqual(codes, ['success', 'success']);
        assert.equal(lab.recorder.requests.length, 2, 'the first answer was not kept');
        for (const { headers } of lab.recorder.requests) {
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
        const { texts, console: lines } = await inPage(tellAll, `${lab.recorder.url}/refusing`, secrets);
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
        await open({ at: lab.recorder.url });
        lab.recorder.requests.length = 0;
        const elsewhere = fault('ok');
        const code = await inPage(callWithBase, elsewhere.url);
        assert.equal(code, 'success');
        assert.equal(lab.recorder.requests[0].url, '/v0/face/enrollment/list');
        assert.equal((await told(elsewhere.name)).requests, 0);
      });

      test('clients do not share a token', async () => {
        await open();
        lab.recorder.requests.length = 0;
        const tokens = { a: mint(), b: mint(), c: mint() };
        await inPage(callAsTenants, lab.recorder.url, tokens);
        assert.equal(lab.recorder.requests.length, 60);
        for (const { url, headers } of lab.recorder.requests) {
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
        const codes = await inPage(withConsent, lab.api);
        assert.deepEqual(codes, ['success', 'success', 'success', 'success']);
      });

      test('it can be taken back while a call waits to be repeated', async () => {
        const { name, url } = fault('503-1,ok');
        assert.equal(await inPage(revokeDuringPause, url), 'consent_required');
        assert.equal((await told(name)).requests, 1);
      });
    });

    describe('messages', () => {
      let table;
      before(async () => {
        table = JSON.parse(await readFile('build/messages.json', 'utf8'));
      });

      for (const [lang, index] of [
        ['en', 0],
        ['pt-BR', 1],
        ['es', 2],
        ['es-419', 2],
        ['ja', 0],
      ]) {
        test(`on a page whose language is ${lang}`, async () => {
          await open({ lang });
          const { messages, warnings } = await inPage(speak, lab.api, fault('503').url);
          for (const [code, message] of Object.entries(messages)) {
            assert.equal(message, table[code][index], code);
          }
          assert.deepEqual(Object.keys(messages).sort(), ['consent_required', 'server_busy', 'success']);
          assert.ok(
            warnings.some((line) => line.includes(table.server_busy[0])),
            'developers read English',
          );
        });
      }

      test('the page may choose another language, or its own words', async () => {
        await open({ lang: 'ja' });
        const own = { server_busy: 'Um momento, por favor.' };
        const { messages, warnings } = await inPage(speak, lab.api, fault('503').url, {
          ...{ locale: 'pt', messages: own, warn: false },
        });
        assert.equal(messages.success, table.success[1]);
        assert.equal(messages.server_busy, own.server_busy);
        assert.equal(messages.consent_required, table.consent_required[1]);
        assert.deepEqual(warnings, [], 'warnings are off');
      });
    });

    test('a panic settles every call, and the next one works', async () => {
      await open({ entry: '/build/forced-panic/index.js' });
      for (let round = 0; round < 2; round++) {
        const { name, url } = fault('hang');
        await inPage(startHanging, url);
        // A browser has six connections to a server, all of which are taken now.
        while ((await told(name)).requests < 6) await new Promise((resolve) => setTimeout(resolve, 50));
        const { panicked, pending, next } = await inPage(panic, lab.api);
        assert.equal(panicked.code, 'internal_error', panicked.message);
        assert.deepEqual(
          pending.map(({ code }) => code),
          Array(8).fill('internal_error'),
        );
        for (const { ms } of pending) assert.ok(ms < 100, `settled ${ms} ms after the panic`);
        assert.deepEqual(next, ['success', 'success']);
      }
    });

    test('10,000 calls leave nothing behind', { timeout: 300_000 }, async (t) => {
      await open();
      const sizes = [];
      const start = Date.now();
      for (let calls = 500; calls <= 10_000; calls += 500) {
        const { codes, memory, timers } = await inPage(callMany, lab.api, fault('null').url, 500);
        assert.deepEqual(codes, { success: 450, invalid_response: 50 });
        assert.equal(timers, 0);
        sizes.push({ memory, heap: await heapOf(lab.driver, engine) });
      }
      const [early, late] = [sizes[3], sizes.at(-1)];
      t.diagnostic(
        `WebAssembly memory: ${early.memory} bytes after 2,000 calls, ${late.memory} after 10,000`,
      );
      if (early.heap)
        t.diagnostic(`JS heap: ${early.heap} bytes after 2,000 calls, ${late.heap} after 10,000`);
      t.diagnostic(`10,000 calls in ${((Date.now() - start) / 1000).toFixed(1)} s`);
      assert.ok(early.memory > 0);
      assert.equal(late.memory, early.memory);
      if (early.heap) assert.ok(late.heap < early.heap * 1.1 + 1_000_000);
    });
  });
}

/** Bytes of the page's JavaScript that are in use, where the engine tells. */
async function heapOf(driver, engine) {
  if (engine !== 'chromium') return undefined;
  await driver.sendDevToolsCommand('HeapProfiler.collectGarbage', {});
  return (await driver.sendAndGetDevToolsCommand('Runtime.getHeapUsage', {})).usedSize;
}

// What follows runs in the page.

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

async function callOnce(url, method) {
  return lab.call(lab.client(url), method);
}

async function callWith(url, method, tokens) {
  const token = Array.isArray(tokens) ? lab.provider(...tokens) : tokens;
  return lab.call(lab.client(url, { token }), method);
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

async function cancelCalls(before, hang, pause) {
  const cancel = async (client, time) => {
    const controller = new AbortController();
    const call = lab.call(client, 'detect', { signal: controller.signal });
    await lab.sleep(time);
    controller.abort();
    return call;
  };
  const aborted = new AbortController();
  aborted.abort();
  // The first of all calls, for which the module has to load.
  const loading = lab.client(before);
  return {
    whileTheModuleLoads: await cancel(loading, 0),
    before: await lab.call(lab.client(before), 'detect', { signal: aborted.signal }),
    whileTheProviderThinks: await cancel(lab.client(before, { token: () => new Promise(() => {}) }), 200),
    whileTheServiceThinks: await cancel(lab.client(hang), 200),
    whileItWaitsToRepeat: await cancel(lab.client(pause), 300),
  };
}

async function cancelWithReasons(url) {
  const client = lab.client(url);
  const cancelled = async (...reason) => {
    const controller = new AbortController();
    const call = lab.call(client, 'read', { signal: controller.signal });
    await lab.sleep(50);
    controller.abort(...reason);
    const { code, message } = await call;
    return { code, message };
  };
  return {
    plain: await cancelled(),
    text: await cancelled('the page was left'),
    error: await cancelled(new Error('too slow')),
    object: await cancelled({ secret: 1 }),
    null: await cancelled(null),
    timeout: await lab.call(client, 'read', { signal: AbortSignal.timeout(100) }),
  };
}

async function shareSignal(api, stumbling) {
  const timersLeft = await lab.countTimers();
  const { signal } = new AbortController();
  const listeners = { added: 0, left: 0 };
  for (const [name, change] of [
    ['addEventListener', 1],
    ['removeEventListener', -1],
  ]) {
    const method = signal[name];
    signal[name] = (...values) => {
      if (change > 0) listeners.added++;
      listeners.left += change;
      return method.apply(signal, values);
    };
  }
  const clients = [lab.client(api), lab.client(stumbling, { token: async () => lab.token })];
  const codes = {};
  await lab.each(
    Array.from({ length: 500 }, (_, index) => clients[index < 5 ? 1 : 0]),
    async (client) => {
      const { code } = await lab.call(client, 'read', { signal });
      codes[code] = (codes[code] ?? 0) + 1;
    },
    20,
  );
  return { codes, listeners, timers: timersLeft() };
}

async function pretendOffline() {
  Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true });
}

/** What a library that pollutes `Object.prototype` must not change. */
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
  // What is no token is refused without being repeated.
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

async function speak(api, busy, options = {}) {
  const speaking = { warn: true, locale: '', ...options, enduserConsent: false };
  const good = await lab.call(lab.client(api, speaking), 'read');
  const bad = await lab.call(lab.client(busy, { ...speaking, retries: 0 }), 'read');
  const refused = await lab.call(lab.client(api, speaking), 'detect');
  const messages = Object.fromEntries([good, bad, refused].map(({ code, message }) => [code, message]));
  return { messages, warnings: lab.console };
}

async function startHanging(url) {
  const client = lab.client(url, { timeout: 20_000 });
  const methods = ['detect', 'compare', 'quality', 'create', 'read', 'update', 'isSimilar', 'read'];
  lab.hanging = methods.map((method) =>
    lab.call(client, method).then((result) => ({ ...result, at: performance.now() })),
  );
}

async function panic(api) {
  const client = lab.client(api);
  const start = performance.now();
  const panicked = await client.face.enrollment.delete('panic');
  const pending = (await Promise.all(lab.hanging)).map(({ code, at }) => ({ code, ms: at - start }));
  const next = [await lab.call(client, 'read'), await lab.call(client, 'detect')].map(({ code }) => code);
  return { panicked, pending, next };
}

/** A tenth of the calls send a photo that the module has not seen yet, and fail. */
async function callMany(api, failing, count) {
  const timersLeft = await lab.countTimers();
  const clients = { read: lab.client(api), detect: lab.client(failing) };
  const bytes = await lab.photo.arrayBuffer();
  const codes = {};
  await lab.each(
    Array.from({ length: count }, (_, index) => (index % 10 === 0 ? 'detect' : 'read')),
    async (method) => {
      const photo = new Blob([bytes]);
      const { face } = clients[method];
      const { code } = await lab.methods[method](face, { photo });
      codes[code] = (codes[code] ?? 0) + 1;
    },
    8,
  );
  return { codes, memory: lab.memories[0].buffer.byteLength, timers: timersLeft() };
}
