/** The letters of a JWT: base64url and JSON. */
import { parseObject } from './service.js';

export const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export function toBase64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Returns `undefined` for a text that is not base64url. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Returns the claims of a JWT's payload, unverified; `undefined` where there are none. */
export function readPayload(payload: string): object | undefined {
  return parseObject(new TextDecoder().decode(fromBase64Url(payload)));
}
