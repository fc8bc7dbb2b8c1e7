// The three browser engines of the tests, driven by WebDriver.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fail, toolsDir } from './run.mjs';

const isRoot = process.getuid?.() === 0;

/**
 * Facts about each engine: its driver, the variable and the flags that name it to wasm-bindgen's test runner
 * and to wasm-pack, and what its user agent says that no other's does.
 */
export const engines = {
  chromium: {
    driver: () => find('CHROMEDRIVER', ['chromedriver']),
    runnerVariable: 'CHROMEDRIVER',
    packFlags: (driver) => ['--chrome', '--chromedriver', driver],
    userAgent: /Chrome\/\d/,
  },
  firefox: {
    driver: () => find('GECKODRIVER', [join(toolsDir, 'bin', 'geckodriver'), 'geckodriver']),
    runnerVariable: 'GECKODRIVER',
    packFlags: (driver) => ['--firefox', '--geckodriver', driver],
    userAgent: /Firefox\/\d/,
  },
  webkit: {
    driver: () => find('WEBKITDRIVER', ['WebKitWebDriver']),
    runnerVariable: 'SAFARIDRIVER',
    packFlags: (driver) => ['--safari', '--safaridriver', driver],
    userAgent: /^(?!.*Chrome\/).*AppleWebKit\/.*Safari\//,
  },
};

/** The engines that `PERSE_ENGINES` names, or all. */
export const chosenEngines = () => process.env.PERSE_ENGINES?.split(',') ?? Object.keys(engines);

/**
 * Opens a window of about that size in an engine, and makes sure that it is that engine. `preferences` are
 * Firefox's. `quit` ends it and all that was started for it.
 */
export async function openBrowser(engine, { width = 1440, height = 900, args = [], preferences = {} } = {}) {
  process.env.SE_OFFLINE = 'true';
  const { driver, quit } = await { chromium, firefox, webkit }[engine](args, preferences);
  try {
    await setViewport(driver, engine, { width, height });
    const userAgent = await driver.executeScript('return navigator.userAgent');
    if (!engines[engine].userAgent.test(userAgent)) throw new Error(`${engine} says it is ${userAgent}`);
  } catch (error) {
    await quit();
    throw error;
  }
  return { driver, quit };
}

/** Sets the size of the page; in Firefox and WebKit that of the window, which is 447 pixels wide at least. */
export function setViewport(driver, engine, { width, height }) {
  if (engine !== 'chromium') return driver.manage().window().setRect({ width, height });
  // The viewport itself, because a window may not be as narrow as a phone. `mobile` would let it grow with the page.
  const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
  return driver.sendDevToolsCommand('Emulation.setDeviceMetricsOverride', metrics);
}

async function chromium(args) {
  const { Builder } = await import('selenium-webdriver');
  const { Options, ServiceBuilder } = await import('selenium-webdriver/chrome.js');
  const profile = await mkdtemp(join(tmpdir(), 'perse-chromium-'));
  const options = new Options().addArguments(
    ...['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    `--user-data-dir=${profile}`,
    // Chromium's own sandbox can't start as root.
    ...(isRoot ? ['--no-sandbox'] : []),
    ...args,
  );
  options.setChromeBinaryPath(find('CHROME', ['chromium', 'google-chrome']));
  const forget = () => rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  try {
    const driver = await new Builder()
      .forBrowser('chrome')
      .setChromeOptions(options)
      .setChromeService(new ServiceBuilder(engines.chromium.driver()))
      .build();
    return { driver, quit: () => driver.quit().finally(forget) };
  } catch (error) {
    await forget();
    throw error;
  }
}

async function firefox(args, preferences) {
  const { Builder } = await import('selenium-webdriver');
  const { Options, ServiceBuilder } = await import('selenium-webdriver/firefox.js');
  const options = new Options()
    .addArguments('-headless', ...args)
    .setBinary(find('FIREFOX', ['firefox-esr', 'firefox']))
    .setPreference('media.navigator.streams.fake', true)
    .setPreference('media.navigator.permission.disabled', true);
  for (const [name, value] of Object.entries(preferences)) options.setPreference(name, value);
  const driver = await new Builder()
    .forBrowser('firefox')
    .setFirefoxOptions(options)
    .setFirefoxService(new ServiceBuilder(engines.firefox.driver()))
    .build();
  return { driver, quit: () => driver.quit() };
}

async function webkit(args) {
  const { Builder, Capabilities } = await import('selenium-webdriver');
  const binary = await miniBrowser();
  const port = await freePort();
  // WebKitGTK has no headless mode: without a display it hangs.
  const server = spawn('xvfb-run', ['-a', engines.webkit.driver(), `--port=${port}`], {
    stdio: 'ignore',
    detached: true,
  });
  // xvfb-run doesn't pass a signal on, so that its whole process group is ended; also with this script.
  const stop = () => {
    process.off('exit', stop);
    if (server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
  };
  process.once('exit', stop);
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': {
      binary,
      args: ['--automation', '--enable-media-stream=true', '--enable-mock-capture-devices=true', ...args],
    },
  });
  try {
    await listening(port, server);
    const driver = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities(capabilities)
      .build();
    return { driver, quit: () => driver.quit().finally(stop) };
  } catch (error) {
    stop();
    throw error;
  }
}

async function miniBrowser() {
  if (process.env.MINIBROWSER) return process.env.MINIBROWSER;
  for (const base of ['/usr/lib', ...(await readdir('/usr/lib')).map((name) => `/usr/lib/${name}`)]) {
    for (const version of ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0']) {
      const path = join(base, version, 'MiniBrowser');
      if (existsSync(path)) return path;
    }
  }
  return fail("WebKitGTK's MiniBrowser is not installed: run scripts/setup --tests.");
}

/** The program that a variable names, or the first that is there. */
function find(variable, names) {
  if (process.env[variable]) return process.env[variable];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = names.flatMap((name) =>
    name.includes('/') ? [name] : folders.map((folder) => join(folder, name)),
  );
  return (
    paths.find((path) => existsSync(path)) ??
    fail(`${names.at(-1)} is not installed: run scripts/setup --tests, or name its path in ${variable}.`)
  );
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port, server) {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (server.exitCode !== null) break;
    const isUp = await fetch(`http://127.0.0.1:${port}/status`)
      .then(() => true)
      .catch(() => false);
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('WebKitWebDriver did not start within 10 seconds.');
}
