// Jest's default environment: the package as it is, against the real service.
const { readFile } = require('node:fs/promises');
const Perse = require('perse-wasm');

test('two photos are compared', async () => {
  const [api, token, selfie, id] = JSON.parse(process.env.PERSE_VALUES);
  Perse.configure({ baseUrl: api });
  Perse.setToken(token);
  const photo = async (path) => new Blob([await readFile(path)]);
  const result = await Perse.face.compare(await photo(selfie), await photo(id), { enduserConsent: true });
  expect(result.message).toBe('The request succeeded.');
  expect(result.similarity).toBeGreaterThan(result.defaultThresholds.similarity);
}, 30_000);
