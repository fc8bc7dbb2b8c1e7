// The element's surface: its states against WCAG, the live region, keyboard and focus,
// narrow pages, right-to-left, files in the place of a camera.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { By, Key } from 'selenium-webdriver';
import { inEngines } from './lib/engines.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Puts the element into each of its states; runs in the page. */
const STATES = {
  idle: async () => {
    lab.useStage();
    lab.element();
  },
  requesting: async () => {
    lab.stub(() => new Promise(() => {}));
    void lab.element().start();
    await lab.until(() => lab.current.state === 'requesting');
  },
  needs_gesture: async () => {
    lab.useStage();
    HTMLMediaElement.prototype.play = async () => {
      throw new DOMException('', 'NotAllowedError');
    };
    void lab.element().start();
    await lab.until(() => lab.current.state === 'needs_gesture');
  },
  guiding: async () => {
    lab.useStage('off_center');
    const devices = ['a', 'b'].map((deviceId) => ({ kind: 'videoinput', deviceId, label: '' }));
    navigator.mediaDevices.enumerateDevices = async () => devices;
    await lab.element({ 'manual-after': '0', 'show-box': '', 'show-points': '', count: '2' }).start();
    const { shadowRoot } = lab.current;
    await lab.until(() => lab.current.hint && !shadowRoot.querySelector('[part=switch]').hidden);
  },
  holding: async () => {
    lab.useStage('good');
    void lab.element({ hold: '5000' }).start();
    await lab.until(() => lab.current.state === 'holding' && lab.current.hint);
  },
  interrupted: async () => {
    lab.useStage('turned');
    await lab.element().start();
    Object.defineProperty(document, 'hidden', { configurable: true, value: true });
    document.dispatchEvent(new Event('visibilitychange'));
  },
  done: async () => {
    lab.useStage('good');
    await lab.element().start();
    await lab.until(() => lab.current.state === 'done');
  },
  denied: async () => {
    lab.stub(() => {
      throw new DOMException('', 'NotAllowedError');
    });
    await lab.element().start();
  },
  unsupported: async () => {
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: undefined });
    await lab.element().start();
  },
};

inEngines(
  (lab, engine) => {
    for (const [name, enter] of Object.entries(STATES)) {
      test(`${name}: WCAG, targets of 44 pixels, no overflow at 360 pixels`, async () => {
        await lab().open();
        await lab().inPage(enter);
        await lab().driver.executeScript(axe);
        const seen = await lab().inPage(async () => {
          await lab.wait(100);
          const { violations } = await axe.run('perse-camera', {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            rules: { region: { enabled: false } }, // a component is put into one by the page
          });
          const { shadowRoot } = lab.current;
          const small = [...shadowRoot.querySelectorAll('button')]
            .filter((button) => button.checkVisibility?.({ visibilityProperty: true }) ?? button.offsetParent)
            .map((button) => button.getBoundingClientRect())
            .filter(({ width, height }) => width < 44 || height < 44).length;
          const cut = [...shadowRoot.querySelectorAll('button, p, h2')]
            .filter((node) => node.offsetParent && node.scrollWidth > node.clientWidth + 1)
            .map(({ textContent }) => textContent);
          return {
            violations: violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]),
            ...{ small, cut, overflow: document.documentElement.scrollWidth - innerWidth },
          };
        });
        assert.deepEqual(seen.violations, []);
        assert.equal(seen.small, 0);
        assert.deepEqual(seen.cut, []);
        assert.ok(seen.overflow <= 0, `${seen.overflow}`);
      });
    }

    test('the live region speaks at most once a second, repeats nothing, and says what counts', async () => {
      await lab().open();
      const log = await lab().inPage(async () => {
        lab.useStage('no_face');
        const element = lab.element({ lang: 'en' });
        const log = [];
        const region = element.shadowRoot.querySelector('[role=status]');
        new MutationObserver(() => {
          if (region.textContent) log.push({ at: performance.now(), text: region.textContent });
        }).observe(region, { childList: true, characterData: true, subtree: true });
        await element.start();
        const scenes = ['too_far', 'off_center', 'no_face', 'too_far', 'turned', 'no_face', 'turned'];
        const lost = () => element.log.filter(({ type }) => type === 'facelost').length;
        for (const scene of scenes) {
          const before = lost();
          lab.stage.show(scene);
          await lab.wait(450);
          if (scene === 'no_face') await lab.until(() => lost() > before);
          else await lab.until(() => element.face);
        }
        await lab.wait(2_500);
        lab.stage.show('good');
        await lab.until(() => element.state === 'done');
        await lab.wait(1_200);
        return log;
      });
      const texts = log.map(({ text }) => text);
      for (let i = 1; i < log.length; i++) {
        const gap = log[i].at - log[i - 1].at;
        assert.ok(gap > 950, `${gap} ms between "${texts[i - 1]}" and "${texts[i]}"`);
        assert.ok(texts[i] !== texts[i - 1] || gap >= 2_000, texts.join(' | '));
      }
      const all = texts.join(' | ');
      assert.match(all, /Face found/);
      assert.match(all, /Face lost/);
      assert.match(texts.at(-1), /Photo taken$/);
    });

    test('a failure is an alert', async () => {
      await lab().open();
      await lab().inPage(STATES.denied);
      const seen = await lab().inPage(async () => {
        const alert = [...lab.current.shadowRoot.querySelectorAll('[role=alert]')];
        return alert.map(({ textContent }) => textContent).filter(Boolean);
      });
      assert.deepEqual(seen, [
        "The camera is blocked. Allow it in the browser's address bar or settings, then try again.",
      ]);
    });

    test('the focus goes in with the camera, Escape cancels, and it comes back', async () => {
      await lab().open();
      const { driver } = lab();
      await lab().inPage(async () => {
        lab.useStage('turned');
        lab.element({ 'manual-after': '0' });
        lab.current.shadowRoot.querySelector('.intro button').focus();
      });
      const focus = () =>
        driver.executeScript(
          'const { activeElement } = lab.current.shadowRoot; return activeElement?.className + " " + activeElement?.part',
        );
      await driver.actions().sendKeys(Key.ENTER).perform();
      await lab().inPage(async () => lab.until(() => lab.current.state === 'guiding'));
      assert.match(await focus(), /^frame\b/);
      await driver.actions().sendKeys(Key.TAB).perform();
      assert.equal(await focus(), 'plain cancel');
      await driver.actions().sendKeys(Key.TAB).perform();
      assert.equal(await focus(), 'shoot shoot');
      await driver.actions().sendKeys(Key.ESCAPE).perform();
      const seen = await lab().inPage(async () => {
        await lab.wait(50);
        return { state: lab.current.state, ended: lab.ended() };
      });
      assert.deepEqual(seen, { state: 'cancelled', ended: ['ended'] });
      assert.equal(await focus(), 'main ');
    });

    test("the focus returns to the page's own button", async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        lab.useStage('turned');
        const element = lab.element();
        const button = document.createElement('button');
        document.body.append(button);
        button.focus();
        await element.start();
        element.shadowRoot.querySelector('[part=cancel]').focus();
        element.cancel();
        await lab.wait(20);
        return document.activeElement === button;
      });
      assert.equal(seen, true);
    });

    test('a person at the keyboard has all the time they need', async () => {
      await lab().open();
      const { driver } = lab();
      await lab().inPage(async () => {
        lab.useStage('turned');
        lab.element({ timeout: '1500', 'manual-after': '0' });
        lab.current.shadowRoot.querySelector('.intro button').focus();
      });
      await driver.actions().sendKeys(Key.ENTER).perform();
      await lab().inPage(async () => lab.until(() => lab.current.state === 'guiding'));
      await driver.actions().sendKeys(Key.TAB, Key.TAB).perform();
      const states = await lab().inPage(async () => {
        await lab.wait(2_500);
        const before = lab.current.state;
        lab.current.shadowRoot.activeElement.blur();
        await lab.wait(2_000);
        return [before, lab.current.state];
      });
      assert.deepEqual(states, ['guiding', 'failed']);
    });

    test('the button appears after a while, and takes the photo', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        lab.useStage('turned');
        const element = lab.element({ 'manual-after': '600' });
        await element.start();
        const button = element.shadowRoot.querySelector('[part=shoot]');
        const { visibility } = getComputedStyle(button);
        await lab.until(() => getComputedStyle(button).visibility === 'visible');
        await lab.wait(1_100);
        const spoken = element.shadowRoot.querySelector('[role=status]').textContent;
        button.click();
        await lab.until(() => element.state === 'done');
        return { visibility, spoken, yaw: element.photos[0].face.yaw };
      });
      assert.match(seen.spoken, /Take the photo with the button/);
      assert.deepEqual([seen.visibility, seen.yaw], ['hidden', -42]);
    });

    test('a file takes the place of a camera; one that is no photo is refused', async () => {
      await lab().open();
      await lab().inPage(STATES.unsupported);
      const seen = await lab().inPage(async () => {
        const element = lab.current;
        const input = element.shadowRoot.querySelector('input');
        const choose = (file) => {
          const transfer = new DataTransfer();
          transfer.items.add(file);
          input.files = transfer.files;
          input.dispatchEvent(new Event('change'));
        };
        choose(new File(['no photo'], 'a.jpg', { type: 'image/jpeg' }));
        const problem = () => element.shadowRoot.querySelector('.problem').textContent;
        await lab.until(problem);
        const text = problem();
        choose(new File([await (await fetch('/build/camera-test/good.jpg')).blob()], 'b.jpg'));
        await lab.until(() => element.state === 'done');
        const [{ source, width, height, face, camera, count, total }] = element.photos;
        const types = element.log
          .map(({ type }) => type)
          .filter((type) => ['photo', 'complete'].includes(type));
        return {
          ...{ text, source, width, height, face, camera, count, total, types },
          ...{ accept: input.accept, capture: input.getAttribute('capture') },
        };
      });
      assert.deepEqual(seen, {
        text: 'This file is not a photo. Choose a JPEG, PNG or WebP photo.',
        ...{ source: 'file', width: 640, height: 480, face: null, camera: null, count: 1, total: 1 },
        ...{ types: ['photo', 'complete'], accept: 'image/*', capture: 'user' },
      });
    });

    test('the page writes from right to left: so does the element, and directions stay right', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        document.documentElement.dir = 'rtl';
        lab.useStage('off_center');
        const element = lab.element({ 'manual-after': '0' });
        await element.start();
        await lab.until(() => element.hint);
        const { shadowRoot } = element;
        const middle = (selector) => {
          const { left, width } = shadowRoot.querySelector(selector).getBoundingClientRect();
          return left + width / 2;
        };
        // The face is in the image's left, so on the right of the mirror; the person has to go to their left.
        return {
          isCancelRight: middle('[part=cancel]') > middle('[part=shoot]'),
          ...{ direction: element.hint.direction, side: shadowRoot.querySelector('.arrow').dataset.side },
        };
      });
      assert.deepEqual(seen, { isCancelRight: true, direction: 'left', side: 'left' });
    });

    test('language, texts of the page, and their changes', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        document.querySelector('#place').lang = 'pt-BR';
        const element = lab.element();
        const text = () => element.shadowRoot.querySelector('.intro button').textContent;
        const texts = [text()];
        element.locale = 'es';
        texts.push(text());
        element.messages = { start: 'Los geht’s' };
        texts.push(text());
        return texts;
      });
      assert.deepEqual(seen, ['Abrir a câmera', 'Abrir la cámara', 'Los geht’s']);
    });

    test('attributes are properties; a wrong one is reported and left at its default', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        const element = lab.element({ count: '3', 'eyes-open': 'false', 'min-size': 'big' });
        const read = [element.count, element.eyesOpen, element.minSize, element.hold, element.facing];
        element.maxYaw = 12;
        element.showBox = true;
        element.eyesOpen = true;
        element.deviceId = undefined;
        const written = ['max-yaw', 'show-box', 'eyes-open', 'device-id'].map((name) =>
          element.getAttribute(name),
        );
        const warnings = [];
        console.warn = (...words) => warnings.push(words.join(' '));
        element.setAttribute('count', '99');
        lab.useStage('good');
        await element.start();
        await lab.until(() => element.state === 'done');
        return { read, written, warnings };
      });
      assert.deepEqual(seen.read, [3, false, 0.35, 600, 'user']);
      assert.deepEqual(seen.written, ['12', '', null, null]);
      assert.deepEqual(seen.warnings, ['<perse-camera count>: count expects a whole number from 0 to 25.']);
    });

    test('properties that were set before the class was known are kept', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        const template = document.createElement('template');
        template.innerHTML = '<perse-camera></perse-camera>';
        const element = template.content.firstElementChild;
        element.count = 5;
        element.messages = { start: 'Go' };
        document.body.append(element);
        return [
          element.count,
          element.getAttribute('count'),
          element.shadowRoot.querySelector('.intro button').textContent,
        ];
      });
      assert.deepEqual(seen, [5, '5', 'Go']);
    });

    test('slots replace what the element says', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        lab.stub(() => {
          throw new DOMException('', 'NotAllowedError');
        });
        const element = lab.element();
        element.innerHTML = '<p slot="intro">My intro</p><p slot="denied">My way out</p>';
        const shown = () => [...element.children].map((child) => child.getClientRects().length > 0);
        const before = shown();
        await element.start();
        return { before, after: shown() };
      });
      assert.deepEqual(seen, { before: [true, false], after: [false, true] });
    });

    test('a strict policy of the page is no obstacle', async () => {
      const { driver, url } = lab();
      await driver.get(`${url}/tests/camera/strict.html`);
      const seen = await lab().inPage(async () => {
        while (!globalThis.lab?.isReady) await new Promise((resolve) => setTimeout(resolve, 10));
        const violations = [];
        document.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
          violations.push(violatedDirective),
        );
        lab.useStage('good');
        const element = lab.element();
        await element.start();
        await lab.until(() => element.state === 'done');
        const { aspectRatio } = getComputedStyle(element.shadowRoot.querySelector('.stage'));
        return { violations, aspectRatio };
      });
      assert.deepEqual(seen, { violations: [], aspectRatio: '3 / 4' });
    });

    if (engine === 'chromium') {
      test('no motion where the person wants none; lines and controls stay in forced colours', async () => {
        const { driver } = lab();
        await driver.sendDevToolsCommand('Emulation.setEmulatedMedia', {
          features: [
            { name: 'prefers-reduced-motion', value: 'reduce' },
            { name: 'forced-colors', value: 'active' },
          ],
        });
        await lab().open();
        await lab().inPage(STATES.holding);
        const seen = await lab().inPage(async () => {
          const { shadowRoot } = lab.current;
          const progress = getComputedStyle(shadowRoot.querySelector('.progress'));
          const line = getComputedStyle(shadowRoot.querySelector('.line'));
          return {
            ...{ animation: progress.animationName, offset: progress.strokeDashoffset },
            ...{ dashes: line.strokeDasharray, running: shadowRoot.getAnimations().length },
          };
        });
        await driver.sendDevToolsCommand('Emulation.setEmulatedMedia', { features: [] });
        assert.equal(seen.animation, 'none');
        assert.equal(Number.parseFloat(seen.offset), 0);
        assert.equal(seen.dashes, 'none');
        assert.equal(seen.running, 0);
      });
    }
  },
  { options: { width: 360, height: 740 } },
);
