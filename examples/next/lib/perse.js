// Shared by the routes. The page gets a ticket for one verification, never a session token of the service; the
// verdict stays here.
import { randomUUID } from 'node:crypto';
import { cookies } from 'next/headers';
import { createVerifications } from 'perse-wasm/server';

/** One for all routes: each of them may have its own copy of this module. */
function shared(name, create) {
  const key = Symbol.for(`example.${name}`);
  return (globalThis[key] ??= create());
}

export const verifications = shared('verifications', () =>
  createVerifications({
    // A build has no key, and starts nothing.
    privateKey: process.env.PERSE_PRIVATE_KEY ?? 'none',
    // Only needed where the service is not at its usual place, with the sandbox for example.
    baseUrl: process.env.PERSE_BASE_URL,
    // Only needed where several processes share a store.
    secret: process.env.PERSE_TICKET_SECRET,
    // The sandbox issues tokens that are good for one kind of call. Leave it out where the service does not.
    scoped: true,
    onResult: ({ id, subject, purpose, status, code }) => console.log({ id, subject, purpose, status, code }),
  }),
);

/** The user token of each name's face. In your product, a database. */
export const faces = shared('faces', () => new Map());
/** State of each browser, by its cookie. In your product, its session. */
const sessions = shared('sessions', () => new Map());

/** The session of the request, which a route may change. */
export async function openSession() {
  const jar = await cookies();
  const id = jar.get('session')?.value;
  return { id, ...sessions.get(id) };
}

/** Keeps it under a new id: one that was known before a login is worth nothing after it. */
export async function saveSession({ id, ...session }) {
  const next = randomUUID();
  sessions.delete(id);
  sessions.set(next, session);
  const jar = await cookies();
  jar.set('session', next, { httpOnly: true, sameSite: 'strict', path: '/' });
}

/** Starts a verification; its id stays in the session, where no page can exchange it. */
export async function begin(options) {
  const { id, token } = await verifications.start(options);
  await saveSession({ ...(await openSession()), verification: id });
  return answer({ token });
}

export const answer = (body, status = 200) =>
  Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } });

export async function readName(request) {
  const { name } = Object(await request.json().catch(() => undefined));
  return typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : undefined;
}
