// Each line that says so must fail with that error, and no other line may.
import * as Perse from 'perse-wasm';
import * as Slim from 'perse-wasm/slim';
import { PerseClass } from 'perse-wasm'; // TS2614: no such export

const photo = new Blob();
Perse.setToken(undefined); // TS2345: a token is a string
Perse.setToken(fetch('/my-session')); // TS2345: not awaited
Perse.setToken(() => 5); // TS2345: a provider gives a string
Perse.onToken((event) => event === 'ended'); // TS2367: no such event
Perse.configure({ messages: { ofline: 'Sem rede.' } }); // TS2561: a typo in a code
Perse.configure({ signal: new AbortController().signal }); // TS2353: of calls, not of clients
await Perse.image.prepare('photo.jpg'); // TS2345: not the place of a photo
Perse.configure(); // TS2554: options are needed
Perse.configure({ baseURL: '/v0' }); // TS2561: a typo in an option
Perse.configure({ timeout: '5' }); // TS2322: milliseconds are a number
Slim.configure({ wasm: 5 }); // TS2322: not a place of a module
Perse.createPerse({ token: 'token' }); // TS2353: a token is set, not given
Perse.createPerse().createPerse(); // TS2339: only the page's own client has it

await Perse.face.detect('photo.jpg'); // TS2345: not the place of a photo
await Perse.face.detect(photo, 'yes'); // TS2345: consent is a boolean
await Perse.face.detect(photo, { consent: true }); // TS2345: a typo in an option
await Perse.face.detect(photo, { throwOnError: true }); // TS2345: an option of clients, not of calls
await Perse.face.detect(photo, { timeout: 5 }, true); // TS2345: options go last
await Perse.face.compare(photo); // TS2345: two are needed
await Perse.face.enrollment.delete(photo); // TS2345: not a user token
await Perse.face.recognise(photo); // TS2339: no such method
Perse.face = Perse.createPerse().face; // TS2540: an import can't be assigned

Perse.VueNextInstall({}); // TS2345: not a Vue 3 application
Perse.VueInstall({}); // TS2345: not a Vue 2 constructor
export { PerseClass };
await Perse.face.compare('user-1', 'user-2'); // TS2345: two user tokens
await Perse.face.isSimilar('user-1', 'user-2', true); // TS2345: two user tokens
await Perse.face.enrollment.update(photo, photo); // TS2345: two photos
await Perse.face.verify('user-1', photo); // TS2345: the selfie comes first
Perse.configure({ prepare: { side: 5 } }); // TS2353: no such limit
Perse.configure({ onEvent: (event) => event.token }); // TS2339: an event has no token
