// Vue components around the camera.
import { createApp, h, ref } from 'vue';
import { PerseCamera, useCapture } from 'perse-wasm/vue.js';

globalThis.app = {};
globalThis.mount = (analyser) => {
  const view = createApp({
    setup() {
      const camera = ref();
      Object.assign(globalThis.app, { camera, ...useCapture({ analyser }), photos: [] });
      return () =>
        h(
          PerseCamera,
          {
            ...{
              ref: camera,
              autostart: true,
              count: 2,
              interval: 0,
              hold: 300,
              'max-yaw': 25,
              class: 'mine',
            },
            analyser,
            onPhoto: ({ blob }) => globalThis.app.photos.push(blob.type),
            onComplete: () => (globalThis.app.isComplete = true),
          },
          { intro: () => h('p', 'Hello') },
        );
    },
  });
  view.mount('#place');
  globalThis.app.unmount = () => view.unmount();
};
