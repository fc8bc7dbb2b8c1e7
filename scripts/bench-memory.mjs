#!/usr/bin/env node
// Lets the camera guide for minutes, and prints the memory of Chromium's renderers at each: it should stay flat.
//   node scripts/bench-memory.mjs [MINUTES]      10 by default; needs `npm run build` before
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, root } from './lib/run.mjs';
import { openLab, prepareLab } from '../tests/camera/lib/lab.mjs';

const PAGE_BYTES = 4096;

process.chdir(root);
const minutes = Number(process.argv[2] ?? 10);
if (!(minutes >= 1)) fail('usage: node scripts/bench-memory.mjs [MINUTES]');
const before = await renderers();
await prepareLab();
const lab = await openLab('chromium');
try {
  await lab.open({ engine: '' });
  await lab.inPage(async () => {
    const stage = lab.useStage('no_face');
    window.camera = lab.element({ timeout: '0' });
    await camera.start();
    // Faces that come and go, in light and in the dark: each way through the engine, and never a photo.
    const scenes = ['turned', 'no_face', 'too_far', 'dark', 'several', 'blurred'];
    let next = 0;
    setInterval(() => stage.show(scenes[next++ % scenes.length]), 3000);
  });
  // Another browser of this machine may start or end meanwhile.
  const known = new Set(before.map(([pid]) => pid));
  const own = new Set((await renderers()).map(([pid]) => pid).filter((pid) => !known.has(pid)));
  for (let minute = 0; minute <= minutes; minute++) {
    const { hint, state } = await lab.inPage(async () => ({ hint: camera.hint?.code, state: camera.state }));
    const bytes = (await renderers()).reduce((sum, [pid, size]) => (own.has(pid) ? sum + size : sum), 0);
    console.log(`${String(minute).padStart(3)} min  ${(bytes / 2 ** 20).toFixed(1)} MiB  ${state} ${hint}`);
    if (minute < minutes) await sleep(60_000);
  }
} finally {
  await lab.close();
}

/** Process ids of Chromium's renderers, and the bytes of memory that each holds. */
async function renderers() {
  const found = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      if (!command.includes('--type=renderer')) continue;
      const [, resident] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
      found.push([pid, Number(resident) * PAGE_BYTES]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}
