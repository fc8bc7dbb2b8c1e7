// A client of the service that does not give up, as a page's server would not.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { crop } from '../e2e/photos.mjs';

export const PRIVATE_KEY = 'a-private-key-of-the-tests';
export const JWT_SECRET = 'a secret that all instances of the tests share';

/** Flags of an instance, with a store. */
export const flags = (data) => ['--private-key', PRIVATE_KEY, '--jwt-secret', JWT_SECRET, '--data', data];

/** A small portrait: little work, so that many are enrolled. */
export const portrait = () => crop(3, [865, 45, 640, 640]).resize(320).jpeg().toBuffer();

/** A form of a call with one photo and the consent. */
export function form(photo, fields = {}) {
  const body = new FormData();
  body.append('client_declaration_enduser_consent', 'true');
  body.append('image_file', new Blob([photo], { type: 'image/jpeg' }));
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return body;
}

/** Calls an instance with the private key; the parsed response, or an error for what may work later. */
export async function call(url, method, path, body, headers = {}) {
  const response = await fetch(`${url}/v0${path}`, {
    method,
    body,
    headers: { 'x-api-key': PRIVATE_KEY, ...headers },
    signal: AbortSignal.timeout(30_000),
  });
  const json = await response.json();
  if (response.status >= 500) throw new Error(json.code);
  return { status: response.status, ...json };
}

/**
 * Enrols a photo so many times, by several clients at once, each at the instance that `urls()` names next, and repeats
 * what fails with the same key. Resolves to the user tokens and the number of repetitions.
 */
export async function enrolMany(urls, photo, count, clients, onEnrolled = () => {}) {
  const users = [];
  let [started, repeated, turn] = [0, 0, 0];
  const client = async () => {
    while (started < count) {
      started += 1;
      const key = randomUUID();
      for (const deadline = Date.now() + 60_000; ;) {
        const instances = urls();
        try {
          const url = instances[turn++ % instances.length];
          const { user_token: user } = await call(url, 'POST', '/face/enrollment', form(photo), {
            'idempotency-key': key,
          });
          users.push(user);
          await onEnrolled(users.length);
          break;
        } catch (error) {
          if (Date.now() > deadline) throw error;
          repeated += 1;
          await delay(100);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { users, repeated };
}
