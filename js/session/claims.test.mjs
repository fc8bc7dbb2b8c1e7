import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeLeft } from './claims.js';

/** Seconds since 1970. */
const NOW = 1_800_000_000;

const jwt = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

/** The time that a token has left, its claims relative to now. */
function left(exp, iat, isFresh) {
  const at = (seconds) => (seconds === undefined ? undefined : NOW + seconds);
  return timeLeft(jwt({ exp: at(exp), iat: at(iat) }), NOW * 1000, isFresh);
}

test('a right clock counts to the expiry', () => {
  assert.equal(left(900, 0, true), 900_000);
  assert.equal(left(300, -600, false), 300_000);
  assert.equal(left(300, undefined, false), 300_000);
  assert.equal(left(-1, -901, false), -1000);
});

test('a slow clock does not lengthen the lifetime', () => {
  assert.equal(left(3600 + 900, 3600, true), 900_000);
  assert.equal(left(3600 + 900, 3600, false), 900_000);
});

test('a fast clock does not expire a fresh token', () => {
  assert.equal(left(-3600 + 900, -3600, true), 900_000);
  assert.equal(left(-10, undefined, true), undefined);
});

test('a token without an expiry, or issued after it, has none', () => {
  assert.equal(timeLeft(jwt({}), 0, true), undefined);
  assert.equal(timeLeft(jwt({ iat: 1 }), 0, false), undefined);
  assert.equal(timeLeft(jwt({ exp: null }), 0, false), undefined);
  assert.equal(left(10, 20, false), 10_000);
});

test('a token that is no JWT says nothing', () => {
  for (const token of [
    '',
    'token',
    'a.b',
    'a.b.c.d',
    'a.e3 0.c',
    'a.////.c',
    'a._w.c',
    'e30.bnVsbA.c',
    'e30.W10.c',
  ]) {
    assert.equal(timeLeft(token, 0, true), undefined, token);
  }
  for (const claims of [{ exp: 'soon' }, { exp: 1, iat: 'now' }, { exp: [] }]) {
    assert.equal(timeLeft(jwt(claims), 0, true), undefined);
  }
  assert.equal(timeLeft(`e30.${Buffer.from('{"exp":1e999}').toString('base64url')}.c`, 0, true), undefined);
});

test('base64url is read', () => {
  // {"iat":1000,"exp":1900}
  assert.equal(timeLeft('e30.eyJpYXQiOjEwMDAsImV4cCI6MTkwMH0.c2ln', 1_000_000, false), 900_000);
  // 'ÿþ' holds both characters that base64 has other signs for.
  assert.equal(timeLeft(jwt({ sub: 'ÿþ?>~', exp: 2 }), 0, false), 2000);
});

test('a token never outlives its lifetime, whatever the clock', () => {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (let round = 0; round < 2000; round++) {
    const iat = Math.floor(random() * 2e9);
    const exp = iat + 1 + Math.floor(random() * 1e5);
    const left = timeLeft(jwt({ exp, iat }), random() * 4e12, random() < 0.5);
    assert.ok(left <= (exp - iat) * 1000, `${iat} ${exp} ${left}`);
  }
});
