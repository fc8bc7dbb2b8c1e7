// The browser of the tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fail } from './run.mjs';

/** Path of chromedriver. */
export const chromedriver = () => process.env.CHROMEDRIVER ?? which('chromedriver');

/** Path of Chromium or Chrome. */
export const chromium = () => process.env.CHROME ?? which('chromium', 'google-chrome');

/** Starts a browser window of a size in CSS pixels; `quit` ends it and forgets its profile. */
export async function openChromium({ width = 1440, height = 900, args = [] } = {}) {
  process.env.SE_OFFLINE = 'true';
  const { Builder } = await import('selenium-webdriver');
  const chrome = await import('selenium-webdriver/chrome.js');
  const profile = await mkdtemp(join(tmpdir(), 'perse-chromium-'));
  const options = new chrome.Options().setChromeBinaryPath(chromium()).addArguments(
    ...['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    `--user-data-dir=${profile}`,
    // Chromium's sandbox can't start as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...args,
  );
  const driver = await new Builder()
    .forBrowser('chrome')
    .setChromeOptions(options)
    .setChromeService(new chrome.ServiceBuilder(chromedriver()))
    .build();
  // The viewport itself, because a window may not be as narrow as a phone.
  await driver.sendDevToolsCommand('Emulation.setDeviceMetricsOverride', {
    ...{ width, height, deviceScaleFactor: 1, mobile: false },
  });
  return {
    driver,
    async quit() {
      await driver.quit();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function which(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  return path ?? fail(`${names[0]} is not installed: run scripts/setup --tests.`);
}
