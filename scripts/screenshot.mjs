#!/usr/bin/env node
// Takes the README's picture of the page. The people in it are made unrecognisable: their photos
// belong to another package and are not copied into this repository.
import { mkdir, writeFile } from 'node:fs/promises';
import { openBrowser } from './lib/browser.mjs';
import { root } from './lib/run.mjs';
import { startSandbox } from './lib/sandbox.mjs';
import { makePhotos } from '../tests/e2e/photos.mjs';

process.chdir(root);
const [photos, sandbox] = await Promise.all([makePhotos(), startSandbox(['--demo'])]);
const { driver, quit } = await openBrowser('chromium', { width: 1360, height: 1080 });
const state = (selector) => driver.findElement({ css: selector }).getAttribute('data-state');
try {
  await driver.get(`${sandbox.page}/`);
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
} finally {
  await Promise.all([quit(), sandbox.stop(), photos.remove()]);
}
