import { readFile } from 'node:fs/promises';
import * as Perse from 'perse-wasm';

const [api, token, selfie, id] = process.argv.slice(2);
Perse.configure({ baseUrl: api });
Perse.setToken(token);

const photo = async (path) => new Blob([await readFile(path)]);
const result = await Perse.face.compare(await photo(selfie), await photo(id), { enduserConsent: true });
console.log(JSON.stringify(result));
