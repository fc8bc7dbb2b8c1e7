/** Tickets: short-lived JWTs (HS256) that carry a verification's id and nothing else. */
import { encode, fromBase64Url, readPayload, toBase64Url } from './jwt.js';
import { own } from './options.js';

/** Marks tickets among other tokens that are signed with the same secret. */
const AUDIENCE = 'perse-verification';
/** A ticket has about 200 characters. */
const MAX_TICKET_CHARS = 1000;

export interface Tickets {
  /** Returns a ticket that expires at `expires`, in seconds since 1970. */
  sign(id: string, expires: number): Promise<string>;
  /** Returns the id that a ticket was signed for, unless it is expired or not one of ours. */
  verify(ticket: string): Promise<string | undefined>;
}

/** Signs and verifies with a secret; without one, with a random key that ends with this process. */
export function createTickets(secret: string | undefined): Tickets {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  let key: CryptoKey | undefined;
  // No promise is shared: Cloudflare's runtime lets no request wait for another one's.
  async function getKey(crypto: Crypto): Promise<CryptoKey> {
    bytes ??= secret === undefined ? crypto.getRandomValues(new Uint8Array(32)) : encode(secret);
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    return (key ??= await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']));
  }
  const header = toBase64Url(encode('{"alg":"HS256","typ":"JWT"}'));
  return {
    async sign(id, expires) {
      const claims = { aud: AUDIENCE, jti: id, iat: Math.floor(Date.now() / 1000), exp: expires };
      const signed = `${header}.${toBase64Url(encode(JSON.stringify(claims)))}`;
      const crypto = await webCrypto();
      const signature = await crypto.subtle.sign('HMAC', await getKey(crypto), encode(signed));
      return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
    },
    async verify(ticket) {
      const [head, payload, signature, ...rest] = ticket.length > MAX_TICKET_CHARS ? [] : ticket.split('.');
      // Only this very header: no other algorithm is ever looked at.
      if (head !== header || !payload || !signature || rest.length > 0) return undefined;
      const given = fromBase64Url(signature);
      if (!given) return undefined;
      const crypto = await webCrypto();
      const signed = encode(`${head}.${payload}`);
      // WebCrypto compares in constant time.
      const isOurs = await crypto.subtle.verify('HMAC', await getKey(crypto), given, signed);
      if (!isOurs) return undefined;
      const claims = readPayload(payload);
      const [id, expires] = [own(claims, 'jti'), own(claims, 'exp')];
      const isValid =
        own(claims, 'aud') === AUDIENCE && typeof expires === 'number' && Date.now() < expires * 1000;
      return isValid && typeof id === 'string' ? id : undefined;
    },
  };
}

/** The runtime's WebCrypto. */
export async function webCrypto(): Promise<Crypto> {
  if (globalThis.crypto?.subtle) return globalThis.crypto;
  // Node.js 18 has it as a module only. The name is joined so that bundlers for other runtimes ignore it.
  const name = ['node', 'crypto'].join(':');
  const { webcrypto } = await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
  return webcrypto as Crypto;
}
