#!/usr/bin/env node
// Takes the README's picture of the page. The people in it are made unrecognisable: their photos
// belong to another package and are not copied into this repository.
import { mkdir, writeFile } from 'node:fs/promises';
import { openBrowser } from './lib/browser.mjs';
import { root } from './lib/run.mjs';
import { startSandbox } from './lib/sandbox.mjs';

process.chdir(root);
const sandbox = await startSandbox(['--demo']);
const { driver, quit } = await openBrowser('chromium', { width: 1280, height: 1000 });
try {
  await driver.get(`${sandbox.page}/`);
  await driver.executeScript(`
    document.querySelector('#consent').click();
    document.querySelector('[data-try=same]').click();`);
  const verdict = await driver.findElement({ css: '#verdict' });
  await driver.wait(async () => (await verdict.getAttribute('data-state')) === 'done', 20_000);
  await driver.executeScript(`
    for (const canvas of document.querySelectorAll('canvas')) canvas.style.filter = 'blur(8px)';
    for (const picture of document.querySelectorAll('.picture')) picture.style.filter = 'blur(14px)';
    scrollTo(0, 0);`);
  await mkdir('docs', { recursive: true });
  await writeFile('docs/page.png', await driver.takeScreenshot(), 'base64');
} finally {
  await quit();
  await sandbox.stop();
}
