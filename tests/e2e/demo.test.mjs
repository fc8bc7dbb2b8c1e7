// The demo's other pages as a person uses them: Verify and Break it, in each of the three browser engines.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import axe from 'axe-core';
import { transform } from 'esbuild';
import { chosenEngines, openBrowser, setViewport } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { ACTIONS, FRAMEWORK_NAMES, snippet } from '../../www/snippets.js';
import { makePhotos } from './photos.mjs';

const PATIENCE_MS = 20_000;
const PAGES = ['', 'playground.html', 'break.html', 'limits.html'];

for (const engine of chosenEngines()) {
  describe(`the demo in ${engine}`, { timeout: 300_000 }, () => {
    let photos, sandbox, browser, driver;

    before(async () => {
      [photos, sandbox, browser] = await Promise.all([
        makePhotos(),
        startSandbox(['--demo', '--faults']),
        openBrowser(engine),
      ]);
      driver = browser.driver;
    });
    after(() => Promise.all([photos?.remove(), sandbox?.stop(), browser?.quit()]));

    const find = (selector) => driver.findElement({ css: selector });
    const text = (selector) => find(selector).getText();
    const click = (selector) => driver.executeScript('arguments[0].click()', find(selector));
    const data = (selector, name) => find(selector).getAttribute(`data-${name}`);
    const until = (selector, name, value) =>
      driver.wait(
        async () => (await data(selector, name)) === value,
        PATIENCE_MS,
        `${selector} has data-${name}=${value}`,
      );
    /** Number of requests to the API since the page was opened. */
    const requests = () =>
      driver.executeScript(
        "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/v0/face/')).length",
      );
    const choose = async (photo) => find('#file').sendKeys(photo);
    async function openVerify({ consent = true } = {}) {
      await driver.get(`${sandbox.page}/`);
      await until('main', 'step', 'start');
      await driver.wait(() => driver.executeScript("return !!document.querySelector('.steps li')"));
      await setLanguage('en');
      if (consent) await click('#consent');
    }
    const setLanguage = (tag) =>
      driver.executeScript(
        `const select = document.querySelector('#language');
         select.value = arguments[0];
         select.dispatchEvent(new Event('change'))`,
        tag,
      );
    async function verify(selfie, document) {
      await click('#start');
      await until('main', 'step', 'selfie');
      await choose(selfie);
      await until('main', 'step', 'document');
      await choose(document);
      await until('main', 'step', 'result');
      return data('main', 'code');
    }

    /** Takes one of the photos again; returns the code of the next result. */
    async function retake(step, photo) {
      await click(`[data-action=retake-${step}]`);
      await until('main', 'step', step);
      await choose(photo);
      await until('main', 'step', 'result');
      return data('main', 'code');
    }

    test('without consent nothing begins', async () => {
      await openVerify({ consent: false });
      await click('#start');
      assert.equal(await data('main', 'step'), 'start');
      assert.match(await text('#consent-missing'), /Tick the box/);
      await click('[data-try=same]');
      assert.equal(await data('main', 'step'), 'start');
      assert.equal(await requests(), 0);
    });

    test('two photos of one person → the same person, two people → two people', async () => {
      await openVerify();
      assert.equal(await verify(photos.firstPerson, photos.firstPersonAgain), 'similar');
      assert.equal(await text('#headline'), 'It is the same person');
      assert.doesNotMatch(await text('main'), /\d/, 'no score is shown');
      await click('[data-action=again]');
      assert.equal(await data('main', 'step'), 'start');
      assert.equal(await driver.executeScript('return document.querySelector("#consent").checked'), false);
      await click('#consent');
      assert.equal(await verify(photos.firstPerson, photos.secondPerson), 'not_similar');
      assert.match(await text('#headline'), /two people/);
      assert.equal(await retake('document', photos.firstPersonAgain), 'similar', 'the selfie was kept');
    });

    test('a photo without a face is named, and taken again', async () => {
      await openVerify();
      assert.equal(await verify(photos.firstPerson, photos.noFace), 'no_face_detected');
      assert.match(await text('#headline'), /document/);
      assert.equal(await retake('document', photos.firstPersonAgain), 'similar');
      await click('[data-action=again]');
      await click('#consent');
      await verify(photos.blurred, photos.firstPerson);
      assert.match(await text('#headline'), /selfie/i);
      assert.equal(await retake('selfie', photos.firstPersonAgain), 'similar', 'the document was kept');
    });

    test('the samples give their verdicts, in the language of the page', async () => {
      await openVerify();
      await setLanguage('es');
      await click('[data-try=different]');
      await until('main', 'step', 'result');
      assert.equal(await text('#headline'), 'Parecen ser dos personas');
      await setLanguage('pt');
      assert.equal(await text('#headline'), 'Parecem ser duas pessoas');
      assert.equal(await driver.executeScript('return document.documentElement.lang'), 'pt');
    });

    test('cancelling forgets everything, and ends the call', async () => {
      await openVerify();
      await click('#start');
      await until('main', 'step', 'selfie');
      await choose(photos.firstPerson);
      await until('main', 'step', 'document');
      await click('[data-action=cancel]');
      assert.equal(await data('main', 'step'), 'start');
      const left = await driver.executeScript(
        `return [document.querySelectorAll('perse-camera').length, document.querySelector('#selfie').src,
           document.querySelector('#consent').checked]`,
      );
      assert.deepEqual(left, [0, '', false]);
      assert.equal(await requests(), 0);
    });

    test('a service that is gone → its words, and another try works', async () => {
      const leaving = await startSandbox(['--demo']);
      await driver.get(`${leaving.page}/`);
      await until('main', 'step', 'start');
      await setLanguage('en');
      await click('#consent');
      await click('#start');
      await choose(photos.firstPerson);
      const loaded = `return performance.getEntriesByType('resource')
        .some(({ name, responseEnd }) => name.endsWith('/pkg/index.js') && responseEnd > 0)`;
      await driver.wait(() => driver.executeScript(loaded), PATIENCE_MS, 'the SDK is loaded');
      await leaving.stop();
      await choose(photos.firstPersonAgain);
      await until('main', 'step', 'result');
      assert.equal(await data('main', 'code'), 'network_error');
      const back = await startSandbox(['--demo'], new URL(leaving.url).port);
      try {
        await click('[data-action=retry]');
        await until('main', 'code', 'similar');
      } finally {
        await back.stop();
      }
    });

    for (const [fault, method, code, events] of [
      ['none', 'compare', 'success', ['request', 'response', 'result']],
      [
        'busy',
        'detect',
        'success',
        ['request', 'response', 'retry', 'request', 'response', 'retry', 'request', 'response', 'result'],
      ],
      ['expired', 'detect', 'success', ['request', 'response', 'token', 'request', 'response', 'result']],
      ['refused', 'detect', 'unauthorized'],
      ['limited', 'detect', 'success'],
      ['slow', 'detect', 'success'],
      ['dropped', 'detect', 'success'],
      ['lost', 'detect', 'success'],
      ['proxy', 'detect', 'success'],
      ['cut', 'compare', 'invalid_response'],
      ['silent', 'detect', 'timeout'],
      ['offline', 'detect', 'network_error'],
      ['none', 'enrol', 'success'],
    ]) {
      test(`fault ${fault} of ${method} → ${code}`, async () => {
        await driver.get(`${sandbox.page}/break.html`);
        await driver.wait(() => driver.executeScript(`return !!document.querySelector('[value=${fault}]')`));
        await click(`[value=${fault}]`);
        await driver.executeScript(`document.querySelector('#method').value = '${method}'`);
        await click('#run');
        await until('#outcome', 'state', 'done');
        assert.equal(await data('#outcome', 'code'), code);
        const log = await driver.executeScript(
          "return [...document.querySelectorAll('#log li')].map((item) => item.dataset.event)",
        );
        assert.equal(log.at(-1), 'result');
        const beforeRequest = log.slice(log.indexOf('request'));
        if (events) assert.deepEqual(beforeRequest, events);
        assert.doesNotMatch(await text('#log'), /eyJ/, 'no token is logged');
      });
    }

    test('a call that hangs is cancelled', async () => {
      await driver.get(`${sandbox.page}/break.html`);
      await driver.wait(() => driver.executeScript("return !!document.querySelector('[value=silent]')"));
      await click('[value=silent]');
      await click('#run');
      await driver.wait(() =>
        driver.executeScript(`return !!document.querySelector('[data-event=request]')`),
      );
      await click('#cancel');
      await until('#outcome', 'code', 'aborted');
    });

    test('on a phone the outcome of a fault comes into sight', async () => {
      await setViewport(driver, engine, { width: 360, height: 740 });
      await driver.get(`${sandbox.page}/break.html`);
      await driver.wait(() => driver.executeScript("return !!document.querySelector('[value=none]')"));
      const isInSight = () =>
        driver.executeScript(
          `const { top, bottom } = document.querySelector('#outcome').getBoundingClientRect();
           return top >= 0 && top < bottom && bottom <= innerHeight`,
        );
      assert.equal(await isInSight(), false);
      await click('#run');
      await until('#outcome', 'state', 'done');
      assert.equal(await isInSight(), true);
    });

    for (const page of PAGES) {
      test(`${page || 'index.html'}: WCAG, and no overflow at 360 pixels`, async () => {
        await setViewport(driver, engine, { width: 360, height: 740 });
        await driver.get(`${sandbox.page}/${page}`);
        await driver.executeScript(axe.source);
        const violations = await driver.executeAsyncScript(
          `const done = arguments[0];
           axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
             .then(({ violations }) => done(violations.map(({ id, nodes }) => id + ' ' + nodes[0].html)))`,
        );
        assert.deepEqual(violations, []);
        const [width, inner] = await driver.executeScript(
          'return [document.documentElement.scrollWidth, innerWidth]',
        );
        assert.ok(width <= inner, `${width} of ${inner}`);
      });
    }
  });
}

test('the figures of Limits are those of docs/accuracy.md', async () => {
  const page = await readFile(`${root}/www/limits.html`, 'utf8');
  const accuracy = await readFile(`${root}/docs/accuracy.md`, 'utf8');
  const figures = [...page.matchAll(/<td>([^<]+)<\/td>/g), ...page.matchAll(/([\d,]{3,}) press photos/g)];
  assert.equal(figures.length, 7);
  for (const [, figure] of figures) assert.ok(accuracy.includes(figure), figure);
});

test('the Playground’s code compiles in each framework, and calls what the package has', async () => {
  const { face } = await import('../../pkg/index.js');
  for (const framework of Object.keys(FRAMEWORK_NAMES)) {
    for (const action of ACTIONS) {
      const code = snippet(framework, action);
      // Markup surrounds the script.
      const script = ['vue', 'script'].includes(framework)
        ? [...code.matchAll(/<script(?: setup)?>([^]*?)<\/script>/g)].at(-1)[1]
        : code;
      await transform(script, { loader: 'jsx' });
      const [, method] = code.match(/\bface\.([\w.]+)\(/);
      const called = method.split('.').reduce((object, name) => object[name], face);
      assert.equal(typeof called, 'function', `${framework} ${action}`);
      assert.match(code, /enduserConsent/);
      assert.doesNotMatch(code, /undefined|\[object/);
    }
  }
});
