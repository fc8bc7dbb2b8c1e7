import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentable } from './presentable.js';

test('a message is cut and has no marks', () => {
  assert.equal(presentable('a\r\nb\u001b[31m\u202ec\u200bd\u2066e\ufeff\u061c'), 'a  b [31mcde');
  const foreign = 'Sem rosto na imagem 2: 顔がありません 👍';
  assert.equal(presentable(foreign), foreign);
  assert.equal([...presentable('👍 '.repeat(450_000))].length, 300);
  assert.equal(presentable('\u202e\n'), '');
});

test('a word that may be a credential is left out', () => {
  for (const secret of [
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3.c2lnbmF0dXJl',
    'ZXlKaGJHY2lPaUpJVXpJMU5p',
    'ZXlKaGJHY2lPaUpJVXpJMU5pSXNJ+/9==',
    '65794a68624763694f694a49557a4931',
    'AbCdEfGhIjKlMnOp',
    'sk%5Flive%5F0123456789',
    'ey\u200bJhbGciOiJIUzI1NiIs',
  ]) {
    assert.equal(presentable(`Refused: ${secret}, "${secret}".`), 'Refused: …, "…".');
  }
  for (const plain of [
    'The field client_declaration_enduser_consent is missing.',
    'Send multipart/form-data, up to 1,000,000 bytes.',
  ]) {
    assert.equal(presentable(plain), plain);
  }
});
