// The face engine of photos in every engine, beside the service's on the same photos.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { copyFile, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chosenEngines, openBrowser } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { inPage } from '../consumers/lib/page.mjs';
import { serveFolder } from '../consumers/lib/static.mjs';
import { makePhotos } from '../e2e/photos.mjs';

/** Those of `makePhotos` that are used. */
const PHOTOS = [
  ...['firstPerson', 'firstPersonAgain', 'secondPerson', 'threePeople', 'noFace'],
  ...['blurred', 'dark', 'turned', 'fromPhone'],
];
const PRIVATE_KEY = 'device-test';
const folder = join(root, 'build', 'device-test');

let files, sandbox, service;

before(async () => {
  const photos = await makePhotos();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of PHOTOS) await copyFile(photos[name], join(folder, `${name}.jpg`));
  await photos.remove();
  // A package whose weights were not all copied.
  await cp(join(root, 'pkg'), join(folder, 'incomplete'), { recursive: true });
  await rm(join(folder, 'incomplete', 'models', 'recognition.weights.js'));
  [files, sandbox] = await Promise.all([
    serveFolder(root, { types: { '.jpg': 'image/jpeg' } }),
    startSandbox(['--private-key', PRIVATE_KEY, '--cors', '*']),
  ]);
  service = { baseUrl: `${sandbox.url}/v0`, token: await sandbox.login(PRIVATE_KEY) };
});
after(() => Promise.all([files?.stop(), sandbox?.stop()]));

for (const engine of chosenEngines()) {
  describe(engine, { timeout: 240_000 }, () => {
    let browser;
    before(async () => {
      browser = await openBrowser(engine);
    });
    after(() => browser?.quit());

    const run = (action, ...values) => inPage(browser.driver, action, ...values);
    async function open(query = '') {
      await browser.driver.get(`${files.url}/tests/device/device.html?${query}`);
      await run(async () => {
        while (!globalThis.lab) await new Promise((resolve) => setTimeout(resolve, 10));
      });
    }

    test('it finds and measures the faces that the service finds', async () => {
      await open();
      const pairs = await run(
        async (names, { baseUrl, token }) => {
          lab.Perse.configure({ baseUrl, enduserConsent: true });
          lab.Perse.setToken(token);
          const pairs = {};
          for (const name of names) {
            const photo = await lab.photo(name);
            pairs[name] = [await lab.device.detect(photo), await lab.Perse.face.detect(photo)];
          }
          return pairs;
        },
        PHOTOS,
        service,
      );
      for (const [name, [here, there]] of Object.entries(pairs)) {
        assert.equal(here.status, true, `${name}: ${here.message}`);
        assert.equal(here.source, 'device');
        assert.equal(there.source, undefined);
        assert.deepEqual(here.imageSize, there.imageSize, name);
        assert.equal(here.totalFaces, there.totalFaces, name);
        assertClose(here.imageMetrics, there.imageMetrics, 0.02, name);
        const { liveness, ...thresholds } = there.defaultThresholds;
        assert.deepEqual(here.defaultThresholds, thresholds);
        assert.ok(liveness > 0);
        for (const [index, { livenessScore, ...face }] of there.faces.entries()) {
          const own = here.faces[index];
          assert.ok(livenessScore >= 0);
          assert.deepEqual(Object.keys(own).sort(), Object.keys(face).sort());
          // Browsers and the service decode a JPEG with other roundings, and then may take another of a face's
          // candidates first.
          const slack = there.totalFaces > 1 ? 8 : 1;
          const distance = (slack * face.boundingBox[2]) / 50;
          assertClose(own.boundingBox, face.boundingBox, distance, name);
          for (const [point, at] of Object.entries(face.landmarks)) {
            assertClose(own.landmarks[point], at, distance, `${name}, ${point}`);
          }
          assert.ok(Math.abs(own.confidence - face.confidence) < 0.05, name);
          const { rotation, yaw, pitch, roll, ...metrics } = face.faceMetrics;
          assertClose(own.faceMetrics, metrics, 0.04, name);
          assertClose(own.faceMetrics, { rotation, yaw, pitch, roll }, 1.5 * slack, name);
        }
      }
      assert.equal(pairs.threePeople[0].totalFaces, 3);
      assert.equal(pairs.noFace[0].totalFaces, 0);
    });

    test('it judges as the service does, by its own threshold, and only with consent', async () => {
      await open();
      const seen = await run(async ({ baseUrl, token }) => {
        const { device, Perse } = lab;
        const names = ['firstPerson', 'firstPersonAgain', 'secondPerson', 'noFace'];
        const [one, again, other, noFace] = await Promise.all(names.map(lab.photo));
        const consent = { enduserConsent: true };
        Perse.configure({ baseUrl, ...consent });
        Perse.setToken(token);
        return {
          refused: (await device.compare(one, again)).code,
          similar: await device.compare(one, again, consent),
          there: await Perse.face.compare(one, again),
          different: await device.compare(one, other, consent),
          verified: await device.verify(one, again, consent),
          codes: [
            (await device.isSimilar(one, again, consent)).code,
            (await device.isSimilar(one, other, consent)).code,
          ],
          missing: [await device.compare(one, noFace, consent), await device.compare(noFace, one, consent)],
        };
      }, service);
      assert.equal(seen.refused, 'consent_required');
      const { similar, there, different } = seen;
      assert.deepEqual(Object.keys(similar).sort(), [...Object.keys(there), 'source'].sort());
      assert.equal(similar.source, 'device');
      assert.ok(Math.abs(similar.similarity - there.similarity) < 2, `${similar.similarity}`);
      assert.ok(similar.similarity >= similar.defaultThresholds.similarity);
      assert.ok(different.similarity < different.defaultThresholds.similarity);
      assert.equal(new Set([...similar.imageTokens, ...different.imageTokens]).size, 4);
      assert.deepEqual(seen.codes, ['similar', 'not_similar']);
      assert.deepEqual([seen.verified.code, seen.verified.source], ['similar', 'device']);
      assert.deepEqual(
        seen.missing.map(({ code, details }) => [code, details?.image]),
        [
          ['no_face_detected', 'b'],
          ['no_face_detected', 'a'],
        ],
      );
    });

    test('it judges the quality of what a page has, without consent', async () => {
      await open();
      const seen = await run(async () => {
        const good = await createImageBitmap(await lab.photo('secondPerson'));
        const canvas = Object.assign(document.createElement('canvas'), { width: 600, height: 600 });
        canvas.getContext('2d').drawImage(good, 0, 0);
        const results = [];
        for (const image of [
          good,
          canvas,
          ...(await Promise.all(['blurred', 'dark', 'noFace'].map(lab.photo))),
        ]) {
          results.push(await lab.device.quality(image));
        }
        const judged = await lab.Perse.qualityOf(await lab.device.detect(canvas));
        return { results, judged: judged.code };
      });
      const codes = seen.results.map(({ code, totalFaces }) => [code, totalFaces]);
      assert.deepEqual(codes, [
        ['success', 1],
        ['success', 1],
        ['bad_image_quality', 1],
        ['bad_image_quality', 1],
        ['no_face_detected', 0],
      ]);
      const [, , blurred, dark] = seen.results.map(({ detailedFaces }) => detailedFaces[0]);
      assert.equal(blurred.isBlurred, true);
      assert.equal(dark.isUnderexposed, true);
      assert.equal(seen.judged, 'success');
    });

    test('nothing leaves the page: no request but for the package’s own files', async () => {
      await open();
      const urls = await run(async () => {
        const photo = await lab.photo('firstPerson');
        const result = await lab.device.compare(photo, photo, true);
        if (result.code !== 'success') throw new Error(result.message);
        return performance.getEntriesByType('resource').map(({ name }) => name);
      });
      const foreign = urls.filter((url) => !url.startsWith(files.url) && !url.startsWith('blob:'));
      assert.deepEqual(foreign, []);
      const weights = urls.filter((url) => url.includes('/models/')).map((url) => url.split('/').at(-1));
      const names = ['capture', 'detection', 'recognition'].map((name) => `${name}.weights.js`);
      assert.deepEqual(weights.sort(), names);
    });

    test('what needs the service is refused, and sends nothing', async () => {
      await open();
      const codes = await run(async () => {
        const fetch = () => {
          throw new Error('A request.');
        };
        const client = lab.Perse.createPerse({
          engine: lab.device,
          fetch,
          enduserConsent: true,
          warn: false,
        });
        const photo = await lab.photo('firstPerson');
        const { enrollment, ...face } = client.face;
        const calls = [
          enrollment.create(photo),
          enrollment.read(),
          enrollment.update(photo, 'user'),
          enrollment.delete('user'),
          face.qualityWithSpoofCheck(photo),
          face.compare(photo, 'user'),
          face.verify(photo, photo),
        ];
        return (await Promise.all(calls)).map(({ code }) => code);
      });
      assert.deepEqual(codes, [...Array(6).fill('invalid_request'), 'similar']);
    });

    test('photos queue up; a signal and dispose end what is pending, and the next photo works', async () => {
      await open();
      const seen = await run(async () => {
        const photo = await lab.photo('firstPerson');
        const { detect, dispose } = lab.device;
        const together = await Promise.all([detect(photo), detect(photo), detect(photo)]);
        const controller = new AbortController();
        const cancelled = detect(photo, { signal: controller.signal });
        controller.abort();
        const pending = [detect(photo), detect(photo)];
        await new Promise((resolve) => setTimeout(resolve, 5));
        dispose();
        dispose();
        const ended = await Promise.all(pending);
        const next = await lab.device.compare(photo, photo, true);
        return [...together, await cancelled, next, ...ended].map(({ code }) => code);
      });
      assert.deepEqual(seen.slice(0, 5), [...Array(3).fill('success'), 'aborted', 'success']);
      // A photo that was still being prepared has waited for the next engine.
      for (const code of seen.slice(5)) assert.ok(['aborted', 'success'].includes(code), code);
    });

    test('where a file of the package is missing, or a policy forbids the worker, it says so', async () => {
      await open('package=/build/device-test/incomplete');
      const seen = await run(async () => {
        const photo = await lab.photo('firstPerson');
        const compared = await lab.device.compare(photo, photo, true);
        const loaded = await lab.device.load({ recognition: true }).then(Object, (error) => error);
        const detected = await lab.device.detect(photo);
        return [compared, loaded, detected].map(({ name = '', code }) => [name, code]);
      });
      assert.deepEqual(seen, [
        ['', 'wasm_unavailable'],
        ['PerseError', 'wasm_unavailable'],
        ['', 'success'],
      ]);
      await open();
      const forbidden = await run(async () => {
        const policy = document.createElement('meta');
        policy.httpEquiv = 'Content-Security-Policy';
        policy.content = "worker-src 'none'";
        document.head.append(policy);
        return (await lab.device.detect(await lab.photo('firstPerson'))).code;
      });
      assert.equal(forbidden, 'wasm_unavailable');
    });
  });
}

/** Whether each number is within a distance of the expected one. */
function assertClose(actual, expected, distance, message) {
  for (const [key, value] of Object.entries(expected)) {
    const difference = Math.abs(actual[key] - value);
    assert.ok(difference <= distance, `${message}: ${key} is ${actual[key]}, not ${value}`);
  }
}
