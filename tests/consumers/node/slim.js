import { readFile } from 'node:fs/promises';
import * as Perse from 'perse-wasm/slim';

const [api, token, selfie, id] = process.argv.slice(2);
const wasm = await readFile(new URL(import.meta.resolve('perse-wasm/perse.wasm')));
Perse.configure({ baseUrl: api, wasm });
Perse.setToken(token);

const photo = async (path) => new Blob([await readFile(path)]);
const result = await Perse.face.compare(await photo(selfie), await photo(id), { enduserConsent: true });
console.log(JSON.stringify(result));
