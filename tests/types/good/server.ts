// Code of the page's own server.
import { createSession, isPerseError, PerseError } from 'perse-wasm/server';
import type { ErrorCode, Failure, Session, SessionOptions } from 'perse-wasm/server';
import { isPerseError as isPagesError, type PerseError as PagesError } from 'perse-wasm';

// As `process.env` is declared.
declare const env: Record<string, string | undefined>;

const options: SessionOptions = {
  privateKey: env['PERSE_PRIVATE_KEY'],
  baseUrl: env['PERSE_BASE_URL'],
  timeout: 5_000,
  signal: new AbortController().signal,
};
try {
  const { token, expiresAt }: Session = await createSession(options);
  console.log(token.length, new Date(expiresAt));
  await createSession({ privateKey: 'key' });
} catch (error) {
  if (isPerseError(error) && error.code === 'unauthorized') console.log(error.message);
  if (isPagesError(error)) {
    // One type, whichever entry it came from.
    const same: PagesError = error;
    const own: PerseError = same;
    const failure: Failure = own.toJSON();
    const code: ErrorCode = failure.code;
    console.log(code, own instanceof PerseError);
  }
}
