// Every entry that can be required, and a comparison of two photos.
const { readFile } = require('node:fs/promises');
const Perse = require('perse-wasm');
const { createMockPerse } = require('perse-wasm/testing');
const { createSession } = require('perse-wasm/server');
const camera = require('perse-wasm/camera');

const [api, token, selfie, id] = process.argv.slice(2);
Perse.configure({ baseUrl: api });
Perse.setToken(token);

const photo = async (path) => new Blob([await readFile(path)]);
(async () => {
  const values = [Perse.default.setToken, createMockPerse, createSession, camera.capture];
  const missing = values.findIndex((value) => typeof value !== 'function');
  if (missing >= 0) throw new Error(`Value ${missing} is no function.`);
  if (require('perse-wasm/slim') !== Perse) throw new Error('Both entries are one when they are required.');
  const result = await Perse.face.compare(await photo(selfie), await photo(id), { enduserConsent: true });
  console.log(JSON.stringify(result));
})();
