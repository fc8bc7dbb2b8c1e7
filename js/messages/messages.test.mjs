import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import table from '../../build/messages.json';
import { internalError, isErrorDetail, scriptUnavailable } from './error-detail.js';
import { isCode, loadMessages, messageOf, toFailure } from './messages.js';

const timeout = { code: 'timeout' };

afterEach(() => delete globalThis.document);

test('before its language has loaded, a message is English', async () => {
  assert.equal(messageOf(timeout, { locale: 'pt' }), table.timeout[0]);
  for (const locale of ['pt', 'es', 'ja', 'toString', '']) await loadMessages({ locale });
  assert.equal(messageOf(timeout, { locale: 'pt' }), table.timeout[1]);
});

test('a message is in the chosen language', () => {
  for (const [locale, index] of [
    ['en', 0],
    ['pt', 1],
    ['pt-BR', 1],
    ['PT_pt', 1],
    ['es-419', 2],
    ['ja', 0],
  ]) {
    assert.equal(messageOf(timeout, { locale }), table.timeout[index], locale);
  }
});

test("without a choice it is in the page's language", () => {
  assert.equal(messageOf(timeout, {}), table.timeout[0]);
  globalThis.document = { documentElement: { lang: 'es' } };
  assert.equal(messageOf(timeout, { locale: '' }), table.timeout[2]);
  assert.equal(messageOf(timeout, { locale: 'pt' }), table.timeout[1]);
});

test('a detail for people is the English message, unless the page has its own', () => {
  const error = { code: 'empty_file', detail: 'More.' };
  assert.equal(messageOf(error, { locale: 'en' }), 'More.');
  assert.equal(messageOf(error, { locale: 'pt' }), table.empty_file[1]);
  assert.equal(messageOf(error, { locale: 'pt', messages: { empty_file: 'Own.' } }), 'Own.');
});

test('a detail for developers is the cause of a failure, not its message', () => {
  for (const code of ['timeout', 'unauthorized', 'invalid_request', 'wasm_unavailable']) {
    const failure = toFailure({ code, detail: 'Call Perse.setToken.' }, { locale: 'en' });
    assert.equal(failure.message, table[code][0]);
    assert.equal(failure.cause, 'Call Perse.setToken.');
  }
});

test('a failure shows three fields, and which of two images it is about', () => {
  const shown = { status: false, code: 'timeout', message: table.timeout[0] };
  assert.deepEqual(
    JSON.parse(JSON.stringify(toFailure({ ...timeout, detail: 'x' }, { locale: 'en' }))),
    shown,
  );
  const failure = toFailure({ code: 'timeout', image: 'b' }, { locale: 'en' });
  assert.deepEqual(JSON.parse(JSON.stringify(failure)), { ...shown, details: { image: 'b' } });
});

test('only a code of the SDK makes an error detail', () => {
  assert.ok(isCode('timeout') && !isCode('toString') && !isCode('nope'));
  assert.ok(isErrorDetail(timeout));
  for (const value of [undefined, null, 'timeout', new Error('x'), { code: 'ENOENT' }, { code: 20 }]) {
    assert.ok(!isErrorDetail(value), String(value));
  }
  assert.equal(internalError('x').code, 'internal_error');
  assert.match(scriptUnavailable(new Error('404')).detail, /404/);
});
