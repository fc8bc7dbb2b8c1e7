// Each line that says so must fail with that error, and no other line may.
import { createSession, createVerifications } from 'perse-wasm/server';
import * as Perse from 'perse-wasm';

await createSession(); // TS2554: options are needed
await createSession('key'); // TS2345: not the key itself
await createSession({}); // TS2345: the key is needed
await createSession({ privateKey: 'key', timeout: '5' }); // TS2322: milliseconds are a number
await createSession({ privateKey: 'key', token: '' }); // TS2353: no such option
Perse.setToken(await createSession({ privateKey: 'key' })); // TS2345: the token is a field of it
Perse.createSession; // TS2339: not on the page
await createSession({ privateKey: 'key', scope: 'all' }); // TS2322: no such scope
createVerifications({ secret: 'x' }); // TS2345: the key is needed
const { start, result } = createVerifications({ privateKey: 'key' });
await start({ purpose: 'update' }); // TS2322: no such purpose
await start({ subject: 'ada' }); // TS2345: a purpose is needed
(await result('id')).status; // TS2532: it may be unknown
