#!/usr/bin/env node
// Takes the pictures of README and docs: of the demo's pages, and of the camera. The people in it are made unrecognisable: their photos
// belong to another package and are not copied into this repository.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { until } from 'selenium-webdriver';
import { openBrowser } from './lib/browser.mjs';
import { root } from './lib/run.mjs';
import { startSandbox } from './lib/sandbox.mjs';
import { makePhotos } from '../tests/e2e/photos.mjs';

process.chdir(root);
const [photos, sandbox] = await Promise.all([makePhotos(), startSandbox(['--demo', '--faults'])]);
const { driver, quit } = await openBrowser('chromium', { width: 1360, height: 1080 });
const state = (selector) => driver.findElement({ css: selector }).getAttribute('data-state');
try {
  await driver.get(`${sandbox.page}/playground.html`);
  await driver.executeScript(`document.querySelector('#consent').click()`);
  await driver.findElement({ css: '#slot-a input[type=file]' }).sendKeys(photos.fromPhone);
  await driver.executeScript(`document.querySelector('#slot-b [data-sample="person-1-a"]').click()`);
  for (const slot of ['#slot-a', '#slot-b']) {
    await driver.wait(async () => (await state(slot)) === 'ready', 20_000);
  }
  await driver.executeScript(`document.querySelector('#compare').click()`);
  await driver.wait(async () => (await state('#verdict')) === 'done', 20_000);
  await driver.executeScript(`
    for (const canvas of document.querySelectorAll('canvas')) canvas.style.filter = 'blur(8px)';
    for (const picture of document.querySelectorAll('.picture')) picture.style.filter = 'blur(14px)';
    scrollTo(0, 0);`);
  await driver.executeAsyncScript(
    `Promise.all(document.getAnimations().map(({ finished }) => finished)).then(arguments[0])`,
  );
  await mkdir('docs', { recursive: true });
  await writeFile('docs/page.png', await driver.takeScreenshot(), 'base64');

  await driver.get(`${sandbox.page}/break.html`);
  await driver.wait(until.elementLocated({ css: '[name=fault]' }), 20_000);
  await driver.executeScript(`document.querySelector('#run').click()`);
  await driver.wait(async () => (await state('#outcome')) === 'done', 20_000);
  await writeFile('docs/demo-break.png', await driver.takeScreenshot(), 'base64');

  await driver.get(`${sandbox.page}/limits.html`);
  await writeFile('docs/demo-limits.png', await driver.takeScreenshot(), 'base64');

  // A window is 500 pixels wide at least; a phone is not.
  const phone = { width: 390, height: 700, deviceScaleFactor: 1, mobile: true };
  await driver.sendDevToolsCommand('Emulation.setDeviceMetricsOverride', phone);
  await driver.get(`${sandbox.page}/`);
  await driver.wait(until.elementLocated({ css: '#language option' }), 20_000);
  await driver.executeScript(`
    document.querySelector('#consent').click();
    document.querySelector('[data-try=same]').click()`);
  await driver.wait(until.elementLocated({ css: 'main[data-code=similar]' }), 20_000);
  await driver.executeScript(
    `for (const picture of document.querySelectorAll('.pair img')) picture.style.filter = 'blur(10px)'`,
  );
  await writeFile('docs/demo-verify.png', await driver.takeScreenshot(), 'base64');
  await driver.sendDevToolsCommand('Emulation.clearDeviceMetricsOverride');

  await driver.get(`${sandbox.page}/playground.html`);
  const photo = await readFile(photos.firstPersonAgain, 'base64');
  await driver.executeAsyncScript(showToCamera, photo);
  await driver.executeScript(`document.querySelector('#slot-a [data-action=camera]').click()`);
  const camera = await driver.wait(until.elementLocated({ css: 'perse-camera' }), 20_000);
  await driver.wait(
    () => driver.executeScript(`return arguments[0].hint?.code === 'too_far'`, camera),
    20_000,
  );
  await driver.executeScript(
    `arguments[0].shadowRoot.querySelector('video').style.filter = 'blur(14px)';
     arguments[0].scrollIntoView({ block: 'center' })`,
    camera,
  );
  await writeFile('docs/camera.png', await camera.takeScreenshot(), 'base64');
} finally {
  await Promise.all([quit(), sandbox.stop(), photos.remove()]);
}

/** Runs in the page: the camera shows a person who is too far away. */
async function showToCamera(jpeg, done) {
  const bytes = Uint8Array.from(atob(jpeg), (char) => char.charCodeAt(0));
  const person = await createImageBitmap(new Blob([bytes]));
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 640 });
  const context = canvas.getContext('2d');
  context.fillStyle = '#8d8678';
  setInterval(() => {
    context.fillRect(0, 0, 640, 640);
    context.drawImage(person, 110, 150, 420, 420);
  }, 33);
  const value = async () => canvas.captureStream(30);
  Object.defineProperty(navigator.mediaDevices, 'getUserMedia', { configurable: true, value });
  done();
}
