// The built documentation as its readers see it: each page on a phone and on a desktop, and the playground.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { By, until } from 'selenium-webdriver';
import { openBrowser, setViewport } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { inPage } from '../consumers/lib/page.mjs';
import { serveFolder } from '../consumers/lib/static.mjs';
import { makePhotos } from '../e2e/photos.mjs';

const site = join(root, 'build', 'docs');
const PATIENCE = 30_000;

let files, browser, photos;

before(async () => {
  [files, browser, photos] = await Promise.all([
    serveFolder(site, { types: { '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2' } }),
    openBrowser('chromium'),
    makePhotos(),
  ]);
});
after(() => Promise.all([files?.stop(), browser?.quit(), photos?.remove()]));

test('no page is wider than its window, and axe finds no fault', { timeout: 180_000 }, async () => {
  const axe = await readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
  const pages = (await readdir(site)).filter((name) => name.endsWith('.html'));
  assert.ok(pages.length > 15);
  for (const [width, height] of [
    [360, 800],
    [1440, 900],
  ]) {
    await setViewport(browser.driver, 'chromium', { width, height });
    for (const page of pages) {
      await browser.driver.get(`${files.url}/${page}`);
      const excess = await inPage(
        browser.driver,
        async () => document.documentElement.scrollWidth - window.innerWidth,
      );
      assert.ok(excess <= 0, `${page} is ${excess} pixels too wide at ${width}`);
      if (width > 400) continue;
      await browser.driver.executeScript(axe);
      assert.deepEqual(await inPage(browser.driver, violations), [], page);
    }
  }
});

test('each code has a page with its messages, and says who acts', async () => {
  const codes = JSON.parse(await readFile(join(root, 'build/messages/en.json'), 'utf8'));
  const spanish = JSON.parse(await readFile(join(root, 'build/messages/es.json'), 'utf8'));
  const verdicts = ['success', 'similar'];
  for (const [code, message] of Object.entries(codes)) {
    await browser.driver.get(`${files.url}/codes/${code}.html`);
    const text = await browser.driver.findElement(By.css('main')).getText();
    assert.ok(text.includes(message) && text.includes(spanish[code]), code);
    assert.equal(/Who acts/.test(text), !verdicts.includes(code), code);
    if (code === 'image_underexposed') assert.match(text, /the person: another photo/);
  }
});

test('the playground compares two photos, and sends none', { timeout: 120_000 }, async () => {
  const { driver } = browser;
  await setViewport(driver, 'chromium', { width: 360, height: 800 });
  await driver.get(`${files.url}/playground.html`);
  for (const [name, code] of [
    ['firstPersonAgain', 'similar'],
    ['secondPerson', 'not_similar'],
  ]) {
    const inputs = await driver.findElements(By.css('.playground input[type=file]'));
    await inputs[0].sendKeys(photos.firstPerson);
    await inputs[1].sendKeys(photos[name]);
    const consent = await driver.findElement(By.css('.consent input'));
    if (!(await consent.isSelected())) await consent.click();
    const button = await driver.findElement(By.css('.playground .primary'));
    await driver.wait(until.elementIsEnabled(button), PATIENCE);
    await button.click();
    await driver.wait(until.elementLocated(By.css(`.verdict[data-code=${code}]`)), PATIENCE);
  }
  const foreign = await inPage(
    driver,
    async () =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => !/^(blob:)?http:\/\/127\.0\.0\.1/.test(name)).length,
  );
  assert.equal(foreign, 0);
});

/** Runs in the page. */
async function violations() {
  const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}
