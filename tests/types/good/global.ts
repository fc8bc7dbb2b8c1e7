// The global of the script tag.
import 'perse-wasm/perse.global.js';

Perse.setToken('token');
const result = await Perse.face.detect(new Blob(), true);
if (result.status) console.log(result.totalFaces);
export {};
