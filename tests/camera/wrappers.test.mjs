// The wrappers for React and Vue, and imports on a server.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { inEngines } from './lib/engines.mjs';
import { folder, prepareLab } from './lib/lab.mjs';

inEngines(
  (lab) => {
    for (const framework of ['react', 'vue']) {
      test(`${framework}: photos, attributes, slots; the camera is off when the component is gone`, async () => {
        await lab().open();
        const seen = await lab().inPage(async (framework) => {
          lab.useStage('turned');
          await import(`/build/camera-test/pages/${framework}.js`);
          mount(lab.Replay.load);
          const find = () => document.querySelector('perse-camera');
          await lab.until(() => find()?.state === 'guiding');
          const element = find();
          const { className, maxYaw, count } = element;
          const slot = element.querySelector('[slot=intro]')?.textContent;
          const requests = lab.requests.length;
          app.setCount?.(7);
          await lab.wait(50);
          lab.stage.show('good');
          await lab.until(() => app.isComplete);
          await lab.wait(50);
          const photos = [...app.photos];
          const handle = framework === 'react' ? app.element : app.camera.value.element;
          const isHandle = handle === element;
          await element.start();
          app.unmount();
          await Promise.resolve();
          return { className, maxYaw, count, slot, requests, photos, isHandle, ended: lab.ended() };
        }, framework);
        assert.deepEqual(seen, {
          ...{ className: 'mine', maxYaw: 25, count: 2, slot: 'Hello', requests: 1, isHandle: true },
          photos:
            framework === 'react'
              ? ['image/jpeg after 7', 'image/jpeg after 7']
              : ['image/jpeg', 'image/jpeg'],
          ended: ['ended', 'ended'],
        });
      });

      test(`${framework}: useCapture takes a photo, and ends with its component`, async () => {
        await lab().open();
        const seen = await lab().inPage(async (framework) => {
          lab.useStage('good');
          await import(`/build/camera-test/pages/${framework}.js`);
          mount(lab.Replay.load);
          await lab.until(() => app.isComplete);
          const first = await app.capture();
          const shown = () => (framework === 'react' ? app.result : app.result.value);
          await lab.until(() => shown() === first);
          const isOpen = framework === 'react' ? app.isOpen : app.isOpen.value;
          const stored = framework === 'react' ? app.result : app.result.value;
          lab.stage.show('turned');
          const second = app.capture();
          await lab.until(() => lab.ended().includes('live'));
          app.unmount();
          const { code } = await second;
          return { first: first.code, stored: stored === first, isOpen, code, ended: lab.ended() };
        }, framework);
        assert.deepEqual(
          { ...seen, ended: [...new Set(seen.ended)] },
          { first: 'success', stored: true, isOpen: false, code: 'aborted', ended: ['ended'] },
        );
      });
    }

    test('react: usePerse gives one client, which takes its options', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        lab.useStage('good');
        await import('/build/camera-test/pages/react.js');
        mount(lab.Replay.load);
        await lab.until(() => app.perse);
        const { perse } = app;
        app.setCount(1);
        await lab.wait(100);
        const result = await perse.face.detect(new Blob(['x']));
        app.unmount();
        return { isSame: app.perse === perse, code: result.code };
      });
      assert.equal(seen.isSame, true);
      assert.equal(typeof seen.code, 'string');
    });
  },
  { options: { width: 600 } },
);

describe('on a server', () => {
  before(prepareLab);

  test('the camera is imported without a browser, and does nothing', async () => {
    const camera = await import(`${folder}/camera.js`);
    assert.equal(typeof camera.capture, 'function');
    assert.equal(globalThis.customElements, undefined);
  });

  test('React renders the element with its attributes', async () => {
    const { createElement } = await import('react');
    const { renderToString } = await import('react-dom/server');
    const { PerseCamera } = await import(`${folder}/react.js`);
    const html = renderToString(
      createElement(PerseCamera, { autostart: true, minSize: 0.4, onPhoto() {}, className: 'mine' }, 'x'),
    );
    assert.equal(html, '<perse-camera class="mine" autostart="" min-size="0.4">x</perse-camera>');
  });
});
