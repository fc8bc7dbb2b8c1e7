#!/usr/bin/env node
// Times the camera that guides, before the tests' scenes, in Chromium or the engines that PERSE_ENGINES names; and
// the face engine by itself, in Node.js. Build the package first.
import { mkdir, readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { openLab, prepareLab } from '../tests/camera/lib/lab.mjs';
import { HEIGHT, SCENES, WIDTH } from '../tests/camera/lib/scenes.mjs';
import { weights } from './lib/inline.mjs';
import { root } from './lib/run.mjs';

const FRAMES = 300;
/** A scene's hint has to be right after that, in milliseconds, and is watched for so long. */
const SETTLING_MS = 400;
const WATCHED_MS = 2_000;

process.chdir(root);
await mkdir('build', { recursive: true });
await prepareLab();
await engineAlone();
for (const engine of process.env.PERSE_ENGINES?.split(',') ?? ['chromium']) await inBrowser(engine);

/** Follows a face, and searches for one, without a browser; says what memory that takes. */
async function engineAlone() {
  const rgba = await sharp(`build/camera-test/good.jpg`).ensureAlpha().raw().toBuffer();
  const capture = await weights('capture');
  for (const [name, folder] of [
    ['with vector instructions', 'build/camera-engine-simd'],
    ['without', 'build/camera-engine'],
  ]) {
    const { CameraEngine, initSync } = await import(`../${folder}/perse_device.js?${name}`);
    const exported = initSync({ module: await readFile(`${folder}/device.wasm`) });
    const memory = Object.values(exported).find((one) => one instanceof WebAssembly.Memory);
    const engine = CameraEngine.create(capture);
    const times = { searched: [], followed: [] };
    for (let frame = 0; frame < FRAMES; frame++) {
      const began = performance.now();
      const [isSearched] = engine.track(new Uint8ClampedArray(rgba), WIDTH, frame * 33);
      times[isSearched ? 'searched' : 'followed'].push(performance.now() - began);
    }
    console.log(
      `engine in Node.js, ${name}: a frame of ${WIDTH} × ${HEIGHT} in which a face is followed ${ms(times.followed)} ms, ` +
        `searched ${ms(times.searched)} ms (median / 95 %); ${(memory.buffer.byteLength / 2 ** 20).toFixed(1)} MiB`,
    );
  }
}

/** One person's way to a photo, and what is said before each scene. */
async function inBrowser(engine) {
  const lab = await openLab(engine);
  try {
    await lab.open({ engine: '' });
    await lab.inPage(prepare);
    const { starts, photos } = await lab.inPage(takePhotos);
    const scenes = SCENES.filter(({ name }) => name !== 'good').map(({ name, hint }) => ({ name, hint }));
    const { times, rates, right, tasks } = await lab.inPage(watch, scenes, SETTLING_MS, WATCHED_MS);
    console.log(
      `${engine}: first frame ${ms(starts)} ms; photo ${ms(photos)} ms after a good scene begins (hold 600); ` +
        `${ms(rates)} frames a second of 30; a frame ${ms(times)} ms, with its way to the worker; ${tasks} long tasks`,
    );
    const share = ([name, value]) => `${name} ${Math.round(value * 100)} %`;
    console.log(`  right hint after ${SETTLING_MS} ms: ${Object.entries(right).map(share).join(', ')}`);
  } finally {
    await lab.close();
  }
}

/** Runs in the page: counts long tasks, and makes elements whose frames are timed. */
async function prepare() {
  lab.bench = { tasks: 0, times: [] };
  if (PerformanceObserver.supportedEntryTypes.includes('longtask')) {
    const count = (list) => (lab.bench.tasks += list.getEntries().length);
    new PerformanceObserver(count).observe({ type: 'longtask' });
  }
  lab.bench.element = () => {
    const element = lab.element({ timeout: '0' });
    const load = element.analyser;
    element.analyser = async (options) => {
      const analyser = await load(options);
      return {
        async analyse(frame) {
          const began = performance.now();
          const report = await analyser.analyse(frame);
          lab.bench.times.push(performance.now() - began);
          return report;
        },
        dispose: () => analyser.dispose(),
      };
    };
    return element;
  };
}

/** Runs in the page. */
async function takePhotos() {
  const [starts, photos] = [[], []];
  for (let round = 0; round < 5; round++) {
    const stage = lab.useStage('no_face');
    const element = lab.bench.element();
    const began = performance.now();
    await element.start();
    starts.push(performance.now() - began);
    await lab.until(() => element.hint?.code === 'no_face');
    await lab.wait(1_000);
    stage.show('good');
    const good = performance.now();
    await lab.until(() => element.state === 'done');
    photos.push(performance.now() - good);
    element.remove();
  }
  return { starts, photos };
}

/** Runs in the page. */
async function watch(scenes, settling, watched) {
  const { times } = lab.bench;
  times.length = 0;
  const [rates, right] = [[], {}];
  const stage = lab.useStage('no_face');
  const element = lab.bench.element();
  await element.start();
  await lab.until(() => element.hint);
  for (const { name, hint } of scenes) {
    stage.show(name);
    await lab.wait(settling);
    const [seen, before, began] = [[], times.length, performance.now()];
    while (performance.now() - began < watched) {
      seen.push(element.hint?.code === hint);
      await lab.wait(33);
    }
    rates.push((times.length - before) / ((performance.now() - began) / 1_000));
    right[name] = seen.filter(Boolean).length / seen.length;
  }
  if (element.photos.length > 0) throw new Error('A bad scene was captured.');
  element.remove();
  return { times, rates, right, tasks: lab.bench.tasks };
}

/** Median and 95th percentile. */
function ms(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return [0.5, 0.95].map((share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(1)).join(' / ');
}
