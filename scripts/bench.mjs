#!/usr/bin/env node
// Sizes and times, measured side by side in one run. Machines are noisy: trust ratios and medians.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LARGE, largePhoto, picture } from '../tests/image/photos.mjs';
import { openBrowser } from './lib/browser.mjs';
import { median } from './lib/median.mjs';
import { root, run } from './lib/run.mjs';
import { startSandbox } from './lib/sandbox.mjs';
import { compressed, entries, kilobytes, measure } from './lib/sizes.mjs';

const PEER = { name: '@cyberlabsai/perse-sdk-js', version: '0.0.1-alpha.11', file: 'dist/bundle.js' };
const PAIRS = 200;
const LOADS = 15;
const ROUNDS = 15;

process.chdir(root);
run('node', ['scripts/build.mjs']);
run('cargo', ['build', '--release', '--package', 'perse-sandbox']);

title('size, with all that an entry loads');
await sizes();
title('cost of a call, in Chromium against the sandbox');
await calls();
title('a photo on its way through the package, in Chromium');
await photos();
title('the same photo beside the packages that pages use for it');
run('node', ['scripts/bench-image.mjs']);
title('the camera that guides');
run('node', ['scripts/bench-camera.mjs']);
title('faces of photos on the device, beside face-api');
run('node', ['scripts/bench-device.mjs']);
title('face engine, natively');
run('cargo', ['run', '--quiet', '--release', '--package', 'perse-vision', '--example', 'bench']);
title('sandbox, over sockets');
run('cargo', ['run', '--quiet', '--release', '--package', 'perse-sandbox', '--example', 'load']);

async function sizes() {
  const rows = [];
  for (const entry of entries) rows.push([entry, await measure(entry)]);
  rows.push([`${PEER.name} ${PEER.version}`, await peerSize()]);
  const cells = (...texts) =>
    console.log(
      texts[0].padEnd(44) +
        texts
          .slice(1)
          .map((text) => text.padStart(11))
          .join(''),
    );
  cells('', 'raw', 'gzip', 'brotli');
  for (const [name, size] of rows) {
    cells(name, ...(size ? [size.raw, size.gzip, size.brotli].map(kilobytes) : ['(npm could not fetch it)']));
  }
}

/** The published bundle without its inlined source map, which is not part of what it does. */
async function peerSize() {
  const folder = await mkdtemp(join(tmpdir(), 'perse-peer-'));
  try {
    const quiet = { cwd: folder, stdio: 'ignore' };
    if (spawnSync('npm', ['pack', '--silent', `${PEER.name}@${PEER.version}`], quiet).status !== 0)
      return undefined;
    spawnSync('sh', ['-c', 'tar xzf *.tgz'], quiet);
    const bundle = await readFile(join(folder, 'package', PEER.file), 'utf8');
    return compressed(Buffer.from(bundle.replace(/\/\/# sourceMappingURL=data:.*/g, '')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function calls() {
  const sandbox = await startSandbox(['--demo']);
  const { driver, quit } = await openBrowser('chromium');
  await driver.manage().setTimeouts({ script: 300_000 });
  try {
    const page = `${sandbox.page}/pkg/package.json`;
    await driver.get(page);
    const warm = await driver.executeAsyncScript(warmCalls, PAIRS);
    const [added, ratio] = [
      median(warm.map(([sdk, bare]) => sdk - bare)),
      median(warm.map(([sdk, bare]) => sdk / bare)),
    ];
    console.log(`warm face.detect, ${PAIRS} interleaved pairs with a bare fetch of the same photo:`);
    console.log(
      `  median ${median(warm.map(([sdk]) => sdk)).toFixed(2)} ms, ratio ${ratio.toFixed(3)}, added ${added.toFixed(2)} ms`,
    );

    const first = { sdk: [], bare: [] };
    for (let load = 0; load < LOADS * 2; load++) {
      const kind = load % 2 ? 'sdk' : 'bare';
      await driver.get(page);
      first[kind].push(await driver.executeAsyncScript(firstCall, kind));
    }
    const [sdk, bare] = [median(first.sdk), median(first.bare)];
    console.log(
      `first call of a page, import included, ${LOADS} loads each: ${sdk.toFixed(1)} ms; by a bare fetch: ${bare.toFixed(1)} ms`,
    );
  } finally {
    await quit();
    await sandbox.stop();
  }
}

/** Times a whole preparation: reading the header, stripping the metadata, encoding. */
async function photos() {
  const { large, small } = await photosWithMetadata();
  const sandbox = await startSandbox(['--demo']);
  const { driver, quit } = await openBrowser('chromium');
  await driver.manage().setTimeouts({ script: 300_000 });
  try {
    await driver.get(`${sandbox.page}/pkg/package.json`);
    for (const [what, photo] of [
      ['12 megapixels on their side, to under 1 MB', large],
      ['the metadata of a photo that fits, stripped', small],
    ]) {
      const [times, reads, report] = await driver.executeAsyncScript(
        prepareAgain,
        photo.toString('base64'),
        ROUNDS,
      );
      const { from, to, removed } = report;
      console.log(
        `${what}: median of ${ROUNDS}: ${median(times).toFixed(2)} ms; reading the file alone ${median(reads).toFixed(2)} ms`,
      );
      console.log(
        `  ${from.bytes} bytes, ${from.width} × ${from.height} → ${to.bytes}, ${to.width} × ${to.height}; removed ${removed.join(', ')}`,
      );
    }
  } finally {
    await quit();
    await sandbox.stop();
  }
}

async function photosWithMetadata() {
  const tags = {
    IFD0: { Artist: 'a', Make: 'a camera' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' },
  };
  const pixels = picture(await largePhoto(), LARGE);
  const large = pixels.clone().withExif(tags).withMetadata({ orientation: 6 }).jpeg({ quality: 92 });
  const small = pixels.clone().resize(2016).withExif(tags).jpeg({ quality: 92 });
  return { large: await large.toBuffer(), small: await small.toBuffer() };
}

/** Runs in the page: milliseconds that `Perse.image.prepare` takes for fresh copies of a file. */
async function prepareAgain(base64, rounds, done) {
  const Perse = await import('/pkg/index.js');
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const times = [];
  const reads = [];
  let report;
  for (let round = -2; round < rounds; round++) {
    const photo = new Blob([bytes], { type: 'image/jpeg' });
    const start = performance.now();
    ({ report } = await Perse.image.prepare(photo));
    const prepared = performance.now();
    await new Blob([bytes]).arrayBuffer();
    if (round < 0) continue;
    times.push(prepared - start);
    reads.push(performance.now() - prepared);
  }
  done([times, reads, report]);
}

/** Runs in the page: milliseconds of `[SDK, bare]` calls that detect on the same small photo. */
async function warmCalls(pairs, done) {
  const Perse = await import('/pkg/index.js');
  const { token } = await (await fetch('/demo/session', { method: 'POST' })).json();
  Perse.configure({ baseUrl: '/v0', enduserConsent: true });
  Perse.setToken(token);
  const canvas = new OffscreenCanvas(32, 32);
  canvas.getContext('2d').fillRect(0, 0, 16, 32);
  const photo = await canvas.convertToBlob({ type: 'image/jpeg' });
  const bare = async () => {
    const form = new FormData();
    form.append('image_file', photo);
    form.append('client_declaration_enduser_consent', 'true');
    const answer = await fetch('/v0/face/detect', {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: form,
    });
    return answer.json();
  };
  const timed = async (call) => {
    const start = performance.now();
    await call();
    return performance.now() - start;
  };
  const times = [];
  for (let pair = -10; pair < pairs; pair++) {
    const sdkFirst = pair % 2 === 0;
    const first = await timed(sdkFirst ? () => Perse.face.detect(photo) : bare);
    const second = await timed(sdkFirst ? bare : () => Perse.face.detect(photo));
    if (pair >= 0) times.push(sdkFirst ? [first, second] : [second, first]);
  }
  done(times);
}

/** Runs in a fresh page: milliseconds to its first answer. */
async function firstCall(kind, done) {
  const { token } = await (await fetch('/demo/session', { method: 'POST' })).json();
  const start = performance.now();
  if (kind === 'sdk') {
    const Perse = await import('/pkg/index.js');
    Perse.configure({ baseUrl: '/v0' });
    Perse.setToken(token);
    await Perse.face.enrollment.read();
  } else {
    await (await fetch('/v0/face/enrollment/list', { headers: { Authorization: `Bearer ${token}` } })).json();
  }
  done(performance.now() - start);
}

function title(text) {
  console.log(`\n== ${text}`);
}
