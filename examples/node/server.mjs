// Sign-up and login by face, with Node.js alone. The page gets a ticket for one verification, never a session
// token of the service; the verdict stays here.
//
//   PERSE_PRIVATE_KEY=… npm start
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createVerifications } from 'perse-wasm/server';
import { toNode } from './adapter.mjs';

const { PERSE_PRIVATE_KEY, PERSE_BASE_URL, PERSE_TICKET_SECRET, PORT = 3000 } = process.env;

const verifications = createVerifications({
  privateKey: PERSE_PRIVATE_KEY,
  // Only needed where the service is not at its usual place, with the sandbox for example.
  baseUrl: PERSE_BASE_URL,
  // Only needed where several processes share a store.
  secret: PERSE_TICKET_SECRET,
  // The sandbox issues tokens that are good for one kind of call. Leave it out where the service does not.
  scoped: true,
  onResult: ({ id, subject, purpose, status, code }) => console.log({ id, subject, purpose, status, code }),
});

/** The user token of each name's face. In your product, a database. */
const faces = new Map();
/** State of each browser, by its cookie. In your product, its session. */
const sessions = new Map();

const routes = {
  /** Begins a sign-up. A name that exists keeps its face. */
  async 'POST /sign-up'({ session, body: { name } }) {
    if (!isName(name) || faces.has(name)) return { status: 409, message: 'Choose another name.' };
    return begin(session, { purpose: 'enrol', subject: name });
  },
  /** Begins a login. Your own check comes first, a password for example: a face alone is no second factor. */
  async 'POST /login'({ session, body: { name } }) {
    if (!faces.has(name)) return { status: 404, message: 'Sign up first.' };
    return begin(session, { purpose: 'login', subject: name, userToken: faces.get(name) });
  },
  /** Ends both: what the page says about the verdict does not matter. */
  async 'POST /done'({ session }) {
    const result = session.verification && (await verifications.result(session.verification));
    if (result?.status !== 'passed') return { status: 401, message: 'You are not signed in.' };
    session.verification = undefined;
    const { purpose, subject, userToken } = result;
    if (purpose === 'enrol' && faces.has(subject)) return { status: 409, message: 'Choose another name.' };
    if (purpose === 'enrol') faces.set(subject, userToken);
    session.name = subject;
    return { name: subject };
  },
  async 'GET /me'({ session }) {
    return session.name ? { name: session.name } : { status: 401, message: 'You are not signed in.' };
  },
};

/** Starts a verification; its id stays in the session, where no page can exchange it. */
async function begin(session, options) {
  const { id, token } = await verifications.start(options);
  session.verification = id;
  return { token };
}

const isName = (name) => typeof name === 'string' && /^\w{1,40}$/.test(name);

const files = { '/': ['index.html', 'text/html'], '/page.js': ['page.js', 'text/javascript'] };
const here = (path) => new URL(path, import.meta.url);
const handle = toNode(verifications.handle);

async function respond(req, res) {
  const { pathname } = new URL(req.url, 'http://localhost');
  if (pathname.startsWith('/perse/v0/')) return handle(req, res);
  if (files[pathname]) {
    const [name, type] = files[pathname];
    return res.writeHead(200, { 'content-type': type }).end(await readFile(here(`public/${name}`)));
  }
  // The package's own files, none of which lies in a folder.
  const file = /^\/perse-wasm\/([\w.-]+\.js)$/.exec(pathname)?.[1];
  if (file) {
    const text = await readFile(here(`node_modules/perse-wasm/${file}`));
    return res.writeHead(200, { 'content-type': 'text/javascript' }).end(text);
  }
  const route = Object.hasOwn(routes, `${req.method} ${pathname}`) && routes[`${req.method} ${pathname}`];
  if (!route) return res.writeHead(404).end();
  const cookie = /(?:^|; )session=([\w-]{36})/.exec(req.headers.cookie ?? '')?.[1];
  const id = sessions.has(cookie) ? cookie : randomUUID();
  const session = sessions.get(id) ?? {};
  const { status = 200, ...answer } = await route({ session, body: await readJson(req) });
  // A new id after a login: one that was known before it is worth nothing.
  const next = answer.name ? randomUUID() : id;
  sessions.delete(id);
  sessions.set(next, session);
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  headers['set-cookie'] = `session=${next}; HttpOnly; SameSite=Strict; Path=/`;
  res.writeHead(status, headers).end(JSON.stringify(answer));
}

async function readJson(req) {
  let text = '';
  for await (const chunk of req) if ((text += chunk).length > 1000) return {};
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

const server = createServer((req, res) =>
  respond(req, res).catch(() => res.headersSent || res.writeHead(500).end()),
);
server.listen(PORT, () => console.log(`listening on http://localhost:${server.address().port}`));
