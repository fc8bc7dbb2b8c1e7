/** Checks the addresses that secrets may be sent to. */

/** Returns what keeps a token or key from being sent there, after "baseUrl expects …"; `undefined` if nothing does. */
export function problemOfUrl({
  protocol,
  hostname,
  username,
  password,
  search,
  hash,
}: URL): string | undefined {
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
    return 'an address that begins with https://; http:// only for this very machine';
  }
  return username || password || search || hash
    ? 'an address without a user, a query or a fragment'
    : undefined;
}

/** Whether a host, as `URL` writes it, is this machine. */
const isLoopback = (host: string): boolean => /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** Returns an address without a trailing slash, to which a path is added. */
export const addressOf = ({ origin, pathname }: URL): string => origin + pathname.replace(/\/+$/, '');

export function urlOf(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
