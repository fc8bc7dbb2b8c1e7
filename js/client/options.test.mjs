import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { DEFAULTS, callOptions, clientOptions } from './options.js';

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
  assert.deepEqual({ ...clientOptions(options) }, { timeout: 5, retries: 0, messages: { timeout: 'Late.' } });
  assert.equal(clientOptions({ baseUrl: ' https://example.com/v0 ' }).baseUrl, 'https://example.com/v0');
  const own = async () => new Response();
  assert.equal(clientOptions({ fetch: own }).fetch, own);
  const { signal } = new AbortController();
  assert.deepEqual({ ...callOptions({ signal, enduserConsent: true }) }, { signal, enduserConsent: true });
});

test('only own properties are options', () => {
  const polluted = { baseUrl: 7, timeout: 1, enduserConsent: true, fetch() {}, signal: {}, retries: 0.5 };
  Object.assign(Object.prototype, polluted);
  try {
    for (const options of [clientOptions({ warn: false }), callOptions({ retries: 1 }), DEFAULTS]) {
      for (const name of Object.keys(polluted)) {
        if (!Object.hasOwn(options, name)) assert.equal(options[name], undefined, name);
      }
    }
  } finally {
    for (const name of Object.keys(polluted)) delete Object.prototype[name];
  }
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

const page = (href) => (globalThis.location = new URL(href));
const absolute = (text) => clientOptions({ baseUrl: text }).baseUrl;

test('a base URL must not carry a token over plain http', () => {
  for (const url of [
    'https://example.com/v0',
    'http://localhost:1/v0',
    'http://127.0.0.1/v0',
    'http://[::1]:8/v0',
  ]) {
    assert.equal(absolute(url), url);
  }
  for (const href of [undefined, 'https://example.com/page']) {
    if (href) page(href);
    for (const url of [
      ...[
        'http://example.com/v0',
        'http://192.168.1.2/v0',
        'http://localhost.example.com',
        'ftp://localhost',
      ],
      ...['//example.com/v0', 'javascript:0', 'http://127.0.0.1.example.com', 'https://example.com/?key=1'],
    ]) {
      assert.match(problem(clientOptions, { baseUrl: url }), /^configure: baseUrl expects /, url);
    }
  }
});

test('a relative base URL belongs to the page that sets it', () => {
  assert.equal(absolute('/v0'), '/v0', 'without a page it stays relative');
  page('http://example.com/page');
  assert.match(problem(clientOptions, { baseUrl: '/v0' }), /https/);
  page('https://example.com/a/page');
  assert.equal(absolute('/v0/'), 'https://example.com/v0');
  assert.equal(absolute('./v0'), 'https://example.com/a/v0');
  assert.equal(absolute('../v0'), 'https://example.com/v0');
  page('about:blank');
  assert.match(problem(clientOptions, { baseUrl: '/v0' }), /https/);
});

test('a base URL that a browser reads as another host is refused', () => {
  for (const href of ['https://example.com/page', 'http://localhost:8080/page']) {
    page(href);
    for (const url of [
      ...[
        '/\\evil.example/v0',
        '\\/evil.example/v0',
        '\\\\evil.example/v0',
        '.\\/evil.example',
        '/.//\\evil',
      ],
      ...[
        '/\t/evil.example/v0',
        '/\n/evil.example/v0',
        '/\r/evil.example',
        '/\t\\evil.example',
        '\t//evil.example',
      ],
      ...[
        'http:localhost',
        'https:evil.example',
        'https:/evil.example',
        'https:\\\\evil.example',
        'v0',
        '.',
        '',
        '..',
      ],
      ...['https://exam\tple.com/v0', 'https:\n//evil.example', 'blob:https://evil.example/1'],
    ]) {
      assert.match(
        problem(clientOptions, { baseUrl: url }) ?? absolute(url),
        /baseUrl expects/,
        JSON.stringify(url),
      );
    }
    assert.equal(new URL(absolute('/.//evil.example')).origin, location.origin);
  }
});

test('an error does not repeat the secrets of a base URL', () => {
  const detail = problem(clientOptions, { baseUrl: 'https://user:hunter2@example.com/?token=hunter3' });
  assert.match(detail, /…@example\.com/);
  assert.doesNotMatch(detail, /hunter/);
  for (const url of [
    'https:\\\\user:hunter2@example.com',
    'user:hunter2@example.com',
    '//user:hunt/er2@x\n?hunter',
  ]) {
    assert.doesNotMatch(problem(clientOptions, { baseUrl: url }), /hunt/, url);
  }
});
