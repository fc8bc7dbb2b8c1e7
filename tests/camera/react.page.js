// React components around the camera, under StrictMode, which mounts everything twice.
import { StrictMode, createElement as h, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { PerseCamera, useCapture, usePerse } from 'perse-wasm/react.js';

function App({ analyser }) {
  const [count, setCount] = useState(0);
  const [photos, setPhotos] = useState([]);
  const { capture, cancel, isOpen, result } = useCapture({ analyser });
  const perse = usePerse({ warn: false });
  // A new function with each render: the latest one has to be called.
  const onPhoto = ({ blob }) => setPhotos([...photos, `${blob.type} after ${count}`]);
  useEffect(() => {
    Object.assign(globalThis.app, { setCount, capture, cancel, perse, photos, isOpen, result });
  });
  return h(
    PerseCamera,
    {
      ...{
        autostart: true,
        count: 2,
        interval: 0,
        hold: 300,
        maxYaw: 25,
        className: 'mine',
        analyser,
        onPhoto,
      },
      onComplete: () => (globalThis.app.isComplete = true),
      ref: (element) => (globalThis.app.element = element ?? globalThis.app.element),
    },
    h('p', { slot: 'intro' }, 'Hello'),
  );
}

globalThis.app = {};
globalThis.mount = (analyser) => {
  const root = createRoot(document.querySelector('#place'));
  root.render(h(StrictMode, {}, h(App, { analyser })));
  globalThis.app.unmount = () => root.unmount();
};
