import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { callOptions, clientOptions, problemOfBaseUrl } from './options.js';

afterEach(() => delete globalThis.location);

/** The detail of an error that options must give. */
function problem(read, options) {
  try {
    read(options);
  } catch (error) {
    assert.equal(error.code, 'invalid_request');
    return error.detail;
  }
  return undefined;
}

test('options that are set are returned, others stay', () => {
  const options = { timeout: 5, retries: 0, locale: undefined, messages: { timeout: 'Late.' } };
  assert.deepEqual(clientOptions(options), { timeout: 5, retries: 0, messages: { timeout: 'Late.' } });
  assert.deepEqual(clientOptions({ baseUrl: ' https://example.com/v0 ' }), {
    baseUrl: 'https://example.com/v0',
  });
  const own = async () => new Response();
  assert.equal(clientOptions({ fetch: own }).fetch, own);
  const { signal } = new AbortController();
  assert.deepEqual(callOptions({ signal, enduserConsent: true }), { signal, enduserConsent: true });
});

test('a wrong option is named', () => {
  for (const [options, words] of [
    [undefined, 'configure: expected an object of options, got undefined.'],
    [null, 'configure: expected an object of options, got null.'],
    [{ timeOut: 1 }, /^configure: there is no option timeOut\. The options are baseUrl, /],
    [{ timeout: '5' }, 'configure: timeout expects a number, got string.'],
    [{ timeout: 0 }, /timeout expects milliseconds over 0/],
    [{ timeout: NaN }, /timeout expects milliseconds over 0/],
    [{ retries: 11 }, /retries expects a whole number from 0 to 10/],
    [{ retries: 1.5 }, /retries expects/],
    [{ messages: null }, 'configure: messages expects an object, got null.'],
    [{ messages: { nope: 'x' } }, /there is no code nope/],
    [{ messages: { timeout: 1 } }, /timeout expects a string, got number/],
    [{ wasm: 1 }, 'configure: wasm expects a string or an object, got number.'],
    [{ fetch: {} }, 'configure: fetch expects a function, got object.'],
    [{ signal: {} }, /there is no option signal/],
  ]) {
    const detail = problem(clientOptions, options);
    if (typeof words === 'string') assert.equal(detail, words);
    else assert.match(detail, words);
  }
  assert.match(problem(callOptions, { signal: {} }), /Pass controller\.signal/);
  assert.match(problem(callOptions, { baseUrl: '/v0' }), /there is no option baseUrl/);
  const hostile = Object.defineProperty({}, 'timeout', {
    enumerable: true,
    get() {
      throw new Error('no');
    },
  });
  assert.match(problem(callOptions, hostile), /could not be read/);
});

test('a base URL must not carry a token over plain http', () => {
  for (const url of [
    'https://example.com/v0',
    'http://localhost:1/v0',
    'http://127.0.0.1/v0',
    'http://[::1]:8/v0',
    '/v0',
  ]) {
    assert.equal(problemOfBaseUrl(url), undefined, url);
  }
  for (const url of [
    ...['http://example.com/v0', 'http://192.168.1.2/v0', 'http://localhost.example.com', 'ftp://localhost'],
    ...['//example.com/v0', 'javascript:0', 'http://127.0.0.1.example.com', 'https://example.com/?key=1'],
  ]) {
    assert.match(problemOfBaseUrl(url), /^baseUrl expects /, url);
  }
});

test('a relative base URL belongs to the page', () => {
  globalThis.location = { href: 'http://example.com/page' };
  assert.match(problemOfBaseUrl('/v0'), /https/);
  globalThis.location = { href: 'https://example.com/page' };
  assert.equal(problemOfBaseUrl('/v0'), undefined);
});

test('an error does not repeat the secrets of a base URL', () => {
  const detail = problem(clientOptions, { baseUrl: 'https://user:hunter2@example.com/?token=hunter3' });
  assert.match(detail, /…@example\.com/);
  assert.doesNotMatch(detail, /hunter/);
});
