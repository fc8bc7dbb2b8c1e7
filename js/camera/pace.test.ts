// Parts that follow time: timers, the countdown, the hold, the pace of hints, the watch on the picture.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameReport } from './analyser.js';
import { Analysis } from './analysis.js';
import { nextCamera } from './cameras.js';
import { Countdown } from './countdown.js';
import { HintPacer } from './hint-pacer.js';
import { Hold } from './hold.js';
import { PictureWatch } from './picture-watch.js';
import { FakeBitmap, FakeClock, report } from './test-support.js';
import { Timers } from './timers.js';

function parts() {
  const clock = new FakeClock();
  return { clock, timers: new Timers(clock) };
}

test('a timer replaces the one of its name, and none runs after all were forgotten', async () => {
  const { clock, timers } = parts();
  const ran: string[] = [];
  timers.set('a', 10, () => ran.push('first'));
  timers.set('a', 20, () => ran.push('second'));
  timers.set('b', 20, () => ran.push('other'));
  await clock.pass(15);
  assert.deepEqual(ran, []);
  await clock.pass(5);
  assert.deepEqual(ran, ['second', 'other']);
  timers.set('a', 10, () => ran.push('never'));
  timers.clearAll();
  await clock.pass(100);
  assert.deepEqual(ran, ['second', 'other']);
  assert.equal(clock.waiting, 0);
});

test('a countdown keeps its time over a pause, and has all of it again after a reset', async () => {
  const { clock, timers } = parts();
  let ends = 0;
  const countdown = new Countdown(1_000, clock, timers, () => ends++);
  countdown.start();
  await clock.pass(600);
  countdown.pause();
  await clock.pass(5_000);
  countdown.start();
  countdown.start();
  await clock.pass(399);
  assert.equal(ends, 0);
  countdown.reset();
  countdown.start();
  await clock.pass(999);
  assert.equal(ends, 0);
  await clock.pass(1);
  assert.equal(ends, 1);
});

test('a countdown without a limit never ends', async () => {
  const { clock, timers } = parts();
  const countdown = new Countdown(0, clock, timers, assert.fail);
  countdown.start();
  countdown.pause();
  await clock.pass(1e9);
  assert.equal(clock.waiting, 0);
});

test('a hold survives 150 ms of bad frames, not more', () => {
  const hold = new Hold();
  assert.equal(hold.hasLasted(0, 0), false);
  hold.add(true, 1_000);
  hold.add(false, 1_150);
  assert.ok(hold.isOn);
  hold.add(true, 1_160);
  assert.ok(hold.hasLasted(160, 1_160));
  assert.equal(hold.hasLasted(161, 1_160), false);
  hold.add(false, 1_311);
  assert.equal(hold.isOn, false);
  hold.add(true, 1_400);
  assert.equal(hold.hasLasted(1, 1_400), false, 'the next one begins anew');
  hold.end();
  assert.equal(hold.isOn, false);
});

test('a hint waits for its turn, and a repeated one takes back what waits', async () => {
  const { clock, timers } = parts();
  const shown: string[] = [];
  const pacer = new HintPacer(clock, timers, ({ code }) => shown.push(code));
  pacer.offer({ code: 'too_far' });
  pacer.offer({ code: 'too_close' });
  pacer.offer({ code: 'too_far' });
  await clock.pass(2_000);
  assert.deepEqual(shown, ['too_far'], 'it came back within the pause');
  pacer.offer({ code: 'too_close' });
  pacer.offer({ code: 'captured' });
  assert.deepEqual(shown, ['too_far', 'too_close', 'captured'], 'a photo is told at once');
  pacer.offer({ code: 'tilt', direction: 'left' });
  pacer.cancel();
  await clock.pass(2_000);
  assert.equal(shown.length, 3);
  pacer.reset();
  pacer.offer({ code: 'captured' });
  assert.equal(shown.length, 4, 'after a reset nothing was shown');
});

test('a picture is black after three seconds, infrared after one if the camera says so', () => {
  const faultAfter = (seen: 'black' | 'grey' | 'color', label: string) => {
    const watch = new PictureWatch();
    for (let now = 0; now <= 5_000; now += 100) {
      const fault = watch.look(() => seen, label, now);
      if (fault) return [fault, now];
    }
    return undefined;
  };
  assert.deepEqual(faultAfter('black', 'Front camera'), ['black', 3_000]);
  assert.deepEqual(faultAfter('grey', 'Integrated IR Camera'), ['infrared', 1_000]);
  assert.equal(faultAfter('grey', 'Front camera'), undefined, 'a grey wall');
  assert.equal(faultAfter('color', 'Infrared'), undefined);
});

test('the pixels of a picture are read every 500 ms, and a colourful one starts again', () => {
  const watch = new PictureWatch();
  let reads = 0;
  const look = (seen: 'black' | 'color', now: number) => watch.look(() => (reads++, seen), 'Front', now);
  for (let now = 0; now < 2_900; now += 33) look('black', now);
  assert.equal(reads, 6);
  assert.equal(look('color', 3_200), undefined);
  assert.equal(look('black', 3_800), undefined);
  watch.reset();
  assert.equal(look('black', 3_801), undefined, 'another camera');
});

test('the next camera is the one after the open one, never an infrared one', () => {
  const device = (deviceId: string, label = deviceId) => ({ deviceId, label });
  const open = {
    deviceId: 'b',
    facing: 'user',
    label: 'b',
    isReplacement: false,
    needsGesture: false,
  } as const;
  const devices = [device('a'), device('b'), device('ir', 'IR camera'), device('c')];
  assert.deepEqual(nextCamera(devices, open), { facing: 'environment', deviceId: 'c' });
  assert.deepEqual(nextCamera(devices.slice(0, 3), open), { facing: 'environment', deviceId: 'a' });
  assert.deepEqual(nextCamera([device('b')], open), { facing: 'environment' });
  assert.deepEqual(nextCamera([device('')], open), { facing: 'environment' }, 'no list before a permission');
});

/** Makes an analyser whose first loads or frames fail. */
function analysis(failures: { loads?: number; frames?: number }) {
  const seen = { loads: 0, disposed: 0, unavailable: 0 };
  let { loads = 0, frames = 0 } = failures;
  const load = async () => {
    seen.loads++;
    if (loads-- > 0) throw new Error('load');
    return {
      analyse: (): Promise<FrameReport> =>
        frames-- > 0 ? Promise.reject(new Error('frame')) : Promise.resolve(report()),
      dispose: () => void seen.disposed++,
    };
  };
  return { seen, it: new Analysis(load, undefined, () => seen.unavailable++) };
}
const frame = () => new FakeBitmap(640, 480) as unknown as ImageBitmap;

test('an analyser that fails is replaced once, then given up', async () => {
  const once = analysis({ frames: 1 });
  await once.it.start();
  assert.equal(await once.it.analyse(frame()), undefined);
  assert.ok(await once.it.analyse(frame()));
  assert.deepEqual(once.seen, { loads: 2, disposed: 1, unavailable: 0 });

  const twice = analysis({ frames: 2 });
  await twice.it.start();
  await twice.it.analyse(frame());
  await twice.it.analyse(frame());
  assert.ok(twice.it.isUnavailable && !twice.it.isReady);
  assert.deepEqual(twice.seen, { loads: 2, disposed: 2, unavailable: 1 });
  await twice.it.start();
  assert.ok(twice.it.isReady && !twice.it.isUnavailable, 'the next capture tries again');
});

test('what is loaded after a release is disposed of, and a frame without an analyser is closed', async () => {
  const { it, seen } = analysis({});
  const started = it.start();
  it.release();
  await started;
  assert.deepEqual(seen, { loads: 1, disposed: 1, unavailable: 0 });
  const late = new FakeBitmap(1, 1);
  assert.equal(await it.analyse(late as unknown as ImageBitmap), undefined);
  assert.ok(late.isClosed);
});

test('a failed load is told once', async () => {
  const { it, seen } = analysis({ loads: 1 });
  await it.start();
  assert.deepEqual([seen.unavailable, it.isUnavailable, it.isReady], [1, true, false]);
});
