// The demo's Playground as its user drives it: real photos, the built package, the real sandbox, in each of
// the three browser engines.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenEngines, openBrowser } from '../../scripts/lib/browser.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { makePhotos } from './photos.mjs';

const PATIENCE = 20_000;

for (const engine of chosenEngines()) {
  describe(`the playground in ${engine}`, { timeout: 300_000 }, () => {
    let photos, sandbox, browser, page;

    before(async () => {
      [photos, sandbox, browser] = await Promise.all([
        makePhotos(),
        startSandbox(['--demo']),
        openBrowser(engine),
      ]);
      page = drive(browser.driver);
    });
    after(() => Promise.all([photos?.remove(), sandbox?.stop(), browser?.quit()]));

    test('nothing is sent before consent is given', async () => {
      await page.open(sandbox);
      await page.choose('a', photos.firstPerson);
      assert.equal(await page.settled('#slot-a'), 'consent_required');
      await page.click('#compare');
      assert.equal(await page.settled('#verdict'), 'consent_required');
      assert.equal(await page.requests(), 0);
      await page.click('#consent');
      assert.equal(await page.settled('#slot-a'), 'success');
      assert.ok((await page.requests()) > 0);
      await page.click('#consent');
      assert.equal(await page.settled('#slot-a'), 'consent_required', 'consent can be taken back');
    });

    test('two shots of one person are similar', async () => {
      await page.start(sandbox);
      assert.equal(await page.compare(photos.firstPerson, photos.firstPersonAgain), 'similar');
      assert.match(await page.text('#verdict .verdict-headline'), /same person/);
      assert.ok((await page.similarity()) > 50);
    });

    test('the code of the latest call is shown for the framework that is chosen', async () => {
      await page.start(sandbox);
      await page.choose('a', photos.firstPerson);
      assert.equal(await page.settled('#slot-a'), 'success');
      assert.match(await page.text('#code pre'), /face\.quality\(photo/);
      await page.compare(photos.firstPerson, photos.secondPerson);
      assert.match(await page.text('#code pre'), /face\.compare\(selfie, idPhoto/);
      await page.click('#code select option[value=react]');
      assert.match(await page.text('#code pre'), /usePerse[^]*perse\.face\.compare/);
    });

    test('two people are not similar', async () => {
      await page.start(sandbox);
      assert.equal(await page.compare(photos.firstPerson, photos.secondPerson), 'not_similar');
      assert.match(await page.text('#verdict .verdict-headline'), /different/);
    });

    test('faces are marked where they are', async () => {
      await page.start(sandbox);
      await page.choose('a', photos.threePeople);
      assert.equal(await page.settled('#slot-a'), 'success');
      assert.equal(await page.attribute('#slot-a [data-faces]', 'data-faces'), '3');
      assert.equal(await page.count('#slot-a .overlay .face'), 3);
      assert.equal(await page.count('#slot-a [data-metric][data-verdict=good]'), 3);
      assert.match(await page.text('#slot-a [data-metric=liveness]'), /camera only/);
    });

    test('PNG, WebP and a photo on its side are as good as any', async () => {
      await page.start(sandbox);
      for (const photo of [photos.png, photos.webp, photos.turned]) {
        assert.equal(await page.compare(photo, photos.secondPerson), 'similar', photo);
      }
    });

    test('a bad photo says what is wrong with it', async () => {
      await page.start(sandbox);
      for (const [photo, code, metric] of [
        [photos.blurred, 'bad_image_quality', 'sharpness'],
        [photos.dark, 'bad_image_quality', 'underexposure'],
        [photos.noFace, 'no_face_detected'],
      ]) {
        await page.choose('a', photo);
        assert.equal(await page.settled('#slot-a'), code, photo);
        assert.ok((await page.text('#slot-a .slot-message')).length > 20);
        if (metric)
          assert.equal(await page.attribute(`#slot-a [data-metric=${metric}]`, 'data-verdict'), 'bad');
      }
      await page.choose('b', photos.secondPerson);
      await page.settled('#slot-b');
      await page.click('#compare');
      assert.equal(await page.settled('#verdict'), 'no_face_detected');
    });

    test('a file that cannot pass is refused without a request', async () => {
      await page.start(sandbox);
      for (const [photo, code] of [
        [photos.text, 'invalid_file_type'],
        [photos.empty, 'empty_file'],
      ]) {
        const before = await page.requests();
        await page.choose('a', photo);
        assert.equal(await page.settled('#slot-a'), code, photo);
        assert.equal(await page.requests(), before);
        assert.deepEqual(await page.report('a'), {});
      }
    });

    test('a photo that is too large or of another type is converted', async () => {
      await page.start(sandbox);
      await page.choose('a', photos.firstPerson);
      assert.equal(await page.settled('#slot-a'), 'success');
      const { fromBytes, toBytes, turned, resized, converted } = await page.report('a');
      assert.equal(fromBytes, toBytes);
      assert.deepEqual([turned, resized, converted], ['false', 'false', 'false']);
      assert.match(await page.text('#slot-a [data-report]'), /fits as it is/);

      await page.choose('a', photos.tooLarge);
      assert.equal(await page.settled('#slot-a'), 'success');
      const large = await page.report('a');
      assert.ok(Number(large.fromBytes) > 3_000_000 && Number(large.toBytes) <= 1_000_000);

      await page.choose('a', photos.gif);
      assert.equal(await page.settled('#slot-a'), 'success');
      assert.equal((await page.report('a')).converted, 'true');
      assert.match(await page.text('#slot-a [data-report]'), /GIF to JPEG/);
    });

    test('a photo as a phone takes it is turned upright, loses its place and is as good as any', async () => {
      await page.start(sandbox);
      await page.watchPolicy();
      assert.equal(await page.compare(photos.fromPhone, photos.firstPerson), 'similar');
      assert.deepEqual(await page.policyViolations(), [], 'the SDK may have its worker');
      const { fromBytes, toBytes, turned, resized, removed } = await page.report('a');
      assert.ok(Number(fromBytes) > 3_000_000, fromBytes);
      assert.ok(Number(toBytes) <= 1_000_000, toBytes);
      assert.deepEqual([turned, resized], ['true', 'true']);
      assert.ok(removed.split(' ').includes('gps'), removed);
      assert.match(await page.text('#slot-a [data-report]'), /upright[^]*removed: place/);
      const [portrait, covered] = await page.facePlace('a');
      assert.ok(portrait, 'the picture is upright');
      assert.ok(covered, 'the box is on the face');
    });

    test('the device judges a photo by itself, without consent and without a request', async () => {
      await page.open(sandbox);
      for (const [photo, verdict] of [
        [photos.firstPerson, 'good'],
        [photos.dark, 'dark'],
        [photos.blurred, 'blurred'],
        [photos.turned, 'good'],
      ]) {
        await page.choose('a', photo);
        assert.equal(await page.settled('#slot-a'), 'consent_required');
        const found = await page.attribute('#slot-a [data-local-verdict]', 'data-local-verdict');
        assert.ok(found.split(' ').includes(verdict), `${photo}: ${found}`);
        assert.equal(await page.count('#slot-a [data-local-metric]:not([data-verdict=none])'), 3);
      }
      assert.equal((await page.report('a')).turned, 'true');
      assert.equal(await page.requests(), 0);
    });

    test('a session renews by itself', async () => {
      const brief = await startSandbox(['--demo', '--token-ttl', '3']);
      try {
        await page.start(brief);
        for (let round = 0; round < 3; round++) {
          await page.choose('a', photos.firstPerson);
          assert.equal(await page.settled('#slot-a'), 'success');
          await page.choose('b', photos.secondPerson);
          assert.equal(await page.settled('#slot-b'), 'success');
          await page.says('#session-status', /ended; renewed when needed/);
        }
      } finally {
        await brief.stop();
      }
    });

    test('a session that ended is said, and a new one mends it', async () => {
      const brief = await startSandbox(['--demo', '--token-ttl', '2']);
      try {
        await page.start(brief, '?renew=off');
        await page.choose('a', photos.firstPerson);
        assert.equal(await page.settled('#slot-a'), 'success');
        await page.says('#session-status', /ended$/);
        await page.choose('a', photos.secondPerson);
        assert.equal(await page.settled('#slot-a'), 'unauthorized');
        assert.match(await page.text('#session-status'), /ended$/);
        await page.click('#new-session');
        assert.equal(await page.settled('#slot-a', 'success'), 'success');
        assert.match(await page.text('#session-status'), /left$/);
      } finally {
        await brief.stop();
      }
    });

    test('an enrolled user outlives a restart of the service', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'perse-data-'));
      const data = ['--demo', '--data', join(folder, 'users.sqlite')];
      let lasting = await startSandbox(data);
      try {
        await page.start(lasting);
        await page.choose('a', photos.firstPerson);
        await page.settled('#slot-a');
        await page.click('#enroll');
        assert.equal(await page.settled('#users', 'success'), 'success');
        const user = await page.attribute('#user-list li', 'data-user-token');

        await lasting.stop();
        lasting = await startSandbox(data);
        await page.start(lasting);
        await page.choose('a', photos.firstPersonAgain);
        await page.settled('#slot-a');
        await page.click(`#user-list li[data-user-token="${user}"] [data-action=compare]`);
        assert.equal(await page.settled('#verdict'), 'similar');
        await page.choose('a', photos.secondPerson);
        await page.settled('#slot-a');
        await page.click('#compare');
        assert.equal(await page.settled('#verdict'), 'not_similar');

        await page.click('#user-list [data-action=delete]');
        await page.click('#user-list [data-action=confirm-delete]');
        await page.until(async () => (await page.count('#user-list li')) === 0, 'the user is gone');
      } finally {
        await lasting.stop();
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('a service that is gone is said in words, and its return mends it', async () => {
      const leaving = await startSandbox(['--demo']);
      await page.start(leaving);
      await page.choose('a', photos.firstPerson);
      await page.settled('#slot-a');
      await leaving.stop();
      await page.choose('a', photos.secondPerson);
      assert.equal(await page.settled('#slot-a'), 'network_error');
      assert.match(await page.text('#slot-a .slot-message'), /reached/);
      const back = await startSandbox(['--demo'], new URL(leaving.url).port);
      try {
        // The token of the service that is gone is worth nothing to the new one.
        await page.click('#new-session');
        await page.click('#slot-a [data-action=retry]');
        assert.equal(await page.settled('#slot-a', 'success'), 'success');
      } finally {
        await back.stop();
      }
    });

    // Firefox's driver runs scripts in another realm than the page's, where nothing can be put before a camera.
    const cameraTest = engine === 'firefox' ? test.skip : test;
    cameraTest('the camera guides to a photo that the service likes, and is off afterwards', async () => {
      await page.start(sandbox);
      await page.showToCamera(photos.firstPersonAgain);
      await page.click('#slot-a [data-action=camera]');
      const taken = '#slot-a .picture[alt="Photo A: from the camera"]';
      await page.until(() => page.count(taken), 'a photo is taken');
      assert.equal(await page.settled('#slot-a'), 'success');
      assert.equal(await page.count('#slot-a [data-metric][data-verdict=good]'), 4, 'the copy check, too');
      assert.deepEqual(await page.tracks(), ['ended']);
      assert.equal(await page.count('perse-camera'), 0);
    });

    cameraTest(
      'a camera that is cancelled is off, and one that is opened in the other place, too',
      async () => {
        await page.start(sandbox);
        await page.showToCamera(photos.noFace);
        await page.click('#slot-a [data-action=camera]');
        await page.until(async () => (await page.tracks()).length === 1, 'the camera is open');
        await page.click('#slot-b [data-action=camera]');
        await page.until(async () => (await page.tracks()).length === 2, 'the other camera is open');
        assert.deepEqual(await page.tracks(), ['ended', 'live']);
        assert.equal(await page.count('#slot-a perse-camera'), 0);
        await page.cancelCamera('#slot-b');
        await page.until(async () => (await page.count('perse-camera')) === 0, 'the camera is closed');
        assert.deepEqual(await page.tracks(), ['ended', 'ended']);
      },
    );

    test('every sample does what it says', async () => {
      await page.start(sandbox);
      for (const [sample, code] of [
        ['person-1-a', 'success'],
        ['person-2-b', 'success'],
        ['person-3', 'success'],
        ['group', 'success'],
        ['blurred', 'bad_image_quality'],
        ['no-face', 'no_face_detected'],
      ]) {
        await page.click(`#slot-a [data-sample="${sample}"]`);
        assert.equal(await page.settled('#slot-a'), code, sample);
      }
      for (const [pair, code] of [
        ['same', 'similar'],
        ['different', 'not_similar'],
      ]) {
        await page.click(`[data-try=${pair}]`);
        assert.equal(await page.settled('#verdict', code), code);
      }
    });

    test('no token is anywhere on the page', async () => {
      await page.start(sandbox);
      await page.compare(photos.firstPerson, photos.secondPerson);
      const html = await browser.driver.executeScript('return document.documentElement.outerHTML');
      assert.doesNotMatch(html, /eyJ[\w-]{10,}\./);
    });
  });
}

/** The page's hooks (they are listed in www/playground.html) as actions of a person. */
function drive(driver) {
  const find = (selector) => driver.findElement({ css: selector });
  const page = {
    async open(sandbox, query = '') {
      await driver.get(`${sandbox.page}/playground.html${query}`);
      await page.until(() => page.count('#slot-a input[type=file]'), 'the page is up');
    },
    /** Opens the page and gives consent. */
    async start(sandbox, query) {
      await page.open(sandbox, query);
      await page.click('#consent');
    },
    choose: (slot, photo) => find(`#slot-${slot} input[type=file]`).sendKeys(photo),
    async click(selector) {
      await page.until(() => page.count(selector), `${selector} is there`);
      await driver.executeScript('arguments[0].scrollIntoView({ block: "center" })', find(selector));
      await find(selector).click();
    },
    /** As a key does: the page may move meanwhile. */
    press: (selector) => driver.executeScript('arguments[0].click()', find(selector)),
    /** The code of a part of the page, once it has an outcome (or that code). */
    async settled(selector, code) {
      await page.until(
        async () => {
          const state = await page.attribute(selector, 'data-state');
          return code
            ? (await page.attribute(selector, 'data-code')) === code
            : ['ready', 'done', 'error'].includes(state);
        },
        `${selector} settles${code ? ` with ${code}` : ''}`,
      );
      return page.attribute(selector, 'data-code');
    },
    /** Compares two photos; gives the verdict's code. */
    async compare(a, b) {
      await page.choose('a', a);
      await page.choose('b', b);
      await Promise.all([page.settled('#slot-a'), page.settled('#slot-b')]);
      await page.click('#compare');
      return page.settled('#verdict');
    },
    /** Puts a photo before the page's cameras, and notes their tracks. */
    showToCamera: async (photo) =>
      driver.executeAsyncScript(
        `const [jpeg, done] = arguments;
         const bytes = Uint8Array.from(atob(jpeg), (char) => char.charCodeAt(0));
         createImageBitmap(new Blob([bytes])).then((picture) => {
           const { width, height } = picture;
           window.streams = [];
           const value = async () => {
             const canvas = Object.assign(document.createElement('canvas'), { width, height });
             const context = canvas.getContext('2d');
             setInterval(() => {
               context.drawImage(picture, 0, 0);
               // WebKit skips a frame that is as the one before.
               context.fillStyle = \`rgb(\${Math.floor(performance.now()) % 9}, 0, 0)\`;
               context.fillRect(0, 0, 1, 1);
             }, 33);
             const stream = canvas.captureStream(30);
             streams.push(stream);
             return stream;
           };
           // Kept, or WebKit would collect the object and make a new one.
           window.devices = navigator.mediaDevices;
           Object.defineProperty(devices, 'getUserMedia', { configurable: true, value });
           done();
         });`,
        (await readFile(photo)).toString('base64'),
      ),
    tracks: () =>
      driver.executeScript(
        'return streams.flatMap((stream) => stream.getTracks().map(({ readyState }) => readyState))',
      ),
    cancelCamera: (slot) =>
      driver.executeScript(
        `document.querySelector('${slot} perse-camera').shadowRoot.querySelector('[part=cancel]').click()`,
      ),
    /** Returns the changes that the SDK made to a photo, as the page tells them: the data of its report. */
    report: (slot) =>
      driver.executeScript(
        `const { report, ...data } = document.querySelector('#slot-${slot} [data-report]').dataset; return data`,
      ),
    /** Whether the picture is higher than wide, and whether the box lies where the face was cut out. */
    facePlace: (slot) =>
      driver.executeScript(`
        const { naturalWidth, naturalHeight } = document.querySelector('#slot-${slot} .picture');
        const overlay = document.querySelector('#slot-${slot} .overlay');
        const box = overlay.querySelector('.face').getBBox();
        const { width, height } = overlay.viewBox.baseVal;
        const x = (box.x + box.width / 2) / width;
        const y = (box.y + box.height / 2) / height;
        return [naturalHeight > naturalWidth, Math.abs(x - 0.49) < 0.08 && Math.abs(y - 0.47) < 0.08]`),
    /** Notes what the page's Content-Security-Policy forbids from now on. */
    watchPolicy: () =>
      driver.executeScript(`
        window.violations = [];
        addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))`),
    policyViolations: () => driver.executeScript('return violations'),
    similarity: async () => Number(await page.attribute('#verdict [data-similarity]', 'data-similarity')),
    attribute: (selector, name) => find(selector).getAttribute(name),
    text: (selector) => find(selector).getText(),
    count: async (selector) => (await driver.findElements({ css: selector })).length,
    /** Returns the number of requests with a photo that went to the API since the page was opened. */
    requests: () =>
      driver.executeScript(
        `return performance.getEntriesByType('resource').filter(({ name }) => /\\/v0\\/face\\/(detect|compare|enrollment)$/.test(name)).length`,
      ),
    /** Waits for a text: a token may live for almost a second more than it is told to. */
    says: (selector, pattern) =>
      page.until(async () => pattern.test(await page.text(selector)), `${selector} says ${pattern}`),
    until: (condition, what) => driver.wait(condition, PATIENCE, `Waited for this: ${what}`),
  };
  return page;
}
