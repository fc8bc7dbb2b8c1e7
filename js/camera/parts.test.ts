// The small parts: what browsers' errors mean, what screen readers hear, where things lie, the words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from './announcer.js';
import { toCameraError } from './errors.js';
import { messageOf, type MessageKey } from './messages.js';
import { place } from './place.js';
import { FakeClock } from './test-support.js';

test('each DOMException maps to its code', () => {
  const codes = {
    NotAllowedError: 'camera_denied',
    NotFoundError: 'camera_not_found',
    NotReadableError: 'camera_in_use',
    AbortError: 'camera_in_use',
    OverconstrainedError: 'camera_not_suitable',
    SecurityError: 'insecure_context',
    TypeError: 'camera_unsupported',
    QuotaExceededError: 'internal_error',
  };
  const page = { isFramed: false, isForbidden: undefined, elapsed: 10 };
  for (const [name, code] of Object.entries(codes)) {
    assert.equal(toCameraError(new DOMException('', name), page).code, code);
  }
  assert.equal(toCameraError('a string', page).code, 'internal_error');
  assert.equal(toCameraError(undefined, page).code, 'internal_error');
});

test('a page that may not use the camera is told from a person who refuses', () => {
  const refused = new DOMException('', 'NotAllowedError');
  const code = (isFramed: boolean, isForbidden: boolean | undefined, elapsed: number) =>
    toCameraError(refused, { isFramed, isForbidden, elapsed }).code;
  assert.equal(code(true, true, 5), 'camera_blocked_by_page');
  assert.equal(code(false, true, 5), 'camera_blocked_by_page', "the page's own policy");
  assert.equal(code(true, false, 5), 'camera_denied');
  assert.equal(code(true, undefined, 5), 'camera_blocked_by_page');
  assert.equal(code(true, undefined, 2_000), 'camera_denied');
});

function announce() {
  const clock = new FakeClock();
  const texts: [number, string][] = [];
  const announcer = new Announcer((text) => text && texts.push([clock.now(), text]), clock);
  return { clock, texts, announcer, said: () => texts.map(([, text]) => text) };
}

test('hints are told at most once a second, and the latest wins', async () => {
  const { clock, texts, announcer, said } = announce();
  announcer.hint('Move closer');
  await clock.pass(100);
  announcer.hint('Move back');
  announcer.hint('Hold still');
  await clock.pass(2_000);
  assert.deepEqual(said(), ['Move closer', 'Hold still']);
  assert.ok(texts[1]![0] - texts[0]![0] >= 1_000);
});

test('the same hint is not told twice within two seconds', async () => {
  const { clock, announcer, said } = announce();
  announcer.hint('Move closer');
  await clock.pass(1_200);
  announcer.hint('Move closer');
  await clock.pass(1_200);
  assert.equal(said().length, 1);
  announcer.hint('Move closer');
  await clock.pass(1_200);
  assert.equal(said().length, 2);
});

test('facts are told in any case, with the hint that comes with them', async () => {
  const { clock, announcer, said } = announce();
  announcer.fact('Face found');
  announcer.hint('Move closer');
  await clock.pass(10);
  announcer.fact('Face lost');
  announcer.hint('Look into the camera');
  await clock.pass(100);
  announcer.fact('Face found');
  announcer.hint('Hold still');
  await clock.pass(1_000);
  assert.deepEqual(said(), ['Face found. Move closer', 'Face lost. Face found. Hold still']);
});

test('nothing is told after clear', async () => {
  const { clock, announcer, said } = announce();
  announcer.hint('Move closer');
  announcer.clear();
  await clock.pass(3_000);
  assert.deepEqual(said(), []);
});

test('a box in the video is found on the stage, mirrored or not', () => {
  const video = { width: 1280, height: 720 };
  const stage = { width: 360, height: 480 };
  const whole = { x: 0, y: 0, width: 1280, height: 720 };
  const scale = 480 / 720;
  const left = (360 - 1280 * scale) / 2;
  for (const mirrored of [false, true]) {
    const placed = place(whole, video, stage, mirrored);
    assert.ok(Math.abs(placed.x - left) < 1e-9);
    assert.equal(placed.height, 480);
  }
  const corner = { x: 600, y: 100, width: 100, height: 50 };
  const plain = place(corner, video, stage, false);
  const mirrored = place(corner, video, stage, true);
  assert.ok(Math.abs(plain.x + plain.width + mirrored.x - 360) < 1e-9);
  assert.equal(plain.y, mirrored.y);
});

test('texts follow the locale, the direction and the page', () => {
  assert.equal(messageOf('too_far', {}), 'Move closer');
  assert.equal(messageOf('too_far', { locale: 'pt-BR' }), 'Chegue mais perto');
  assert.equal(messageOf('too_far', { locale: 'es-MX' }), 'Acércate');
  assert.equal(messageOf('too_far', { locale: 'fr' }), 'Move closer');
  assert.equal(messageOf('off_center', {}, 'left'), 'Move a little to your left');
  assert.equal(messageOf('out_of_roi', { locale: 'es' }, 'right'), 'Muévete un poco a tu derecha');
  assert.equal(messageOf('off_center', {}), 'Move to the middle');
  assert.equal(messageOf('tilt', {}, 'left'), 'Hold your head upright');
  const messages = { off_center_left: 'To the left!', too_far: 'Come here' };
  assert.equal(messageOf('off_center', { messages }, 'left'), 'To the left!');
  assert.equal(messageOf('too_far', { messages, locale: 'es' }), 'Come here');
});

test('every text differs between the languages, or is a name', () => {
  for (const key of ['camera_denied', 'capture_timeout', 'intro_text', 'by_hand'] as MessageKey[]) {
    const texts = ['en', 'pt', 'es'].map((locale) => messageOf(key, { locale }));
    assert.equal(new Set(texts).size, 3, key);
  }
});
