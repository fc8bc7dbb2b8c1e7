// Calls the package in a service worker, by each of two entries.
import * as Perse from './node_modules/perse-wasm/index.js';
import './node_modules/perse-wasm/perse.global.js';

self.onmessage = async ({ ports }) => {
  const photo = new Blob(['This is not a photo.']);
  const results = [];
  for (const client of [Perse, self.Perse]) {
    client.configure({ warn: false });
    const { code, cause } = await client.face.detect(photo, true);
    results.push({ code, cause });
  }
  ports[0].postMessage(results);
};
