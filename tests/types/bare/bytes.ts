// Without the DOM's declarations, as in a worker or on a server, and with old compilers.
import Perse, { configure, face, setToken, type DetectResult } from 'perse-wasm';
import { createMockPerse } from 'perse-wasm/testing';

configure({ timeout: 5_000, prepare: { maxSide: 800 }, onEvent: ({ type, ms }) => void [type, ms] });
setToken(async () => ({ token: 'jwt', expiresAt: 0 }));
const bytes: Uint8Array = new Uint8Array(2);
export const result: Promise<DetectResult> = face.detect(bytes, true);
export const compared = face.compare('user-token', bytes.buffer as ArrayBuffer, { enduserConsent: true });
export const mock = createMockPerse({ 'face.detect': { code: 'timeout' } });
export default Perse;
