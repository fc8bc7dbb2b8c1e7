// Sign-up and login by face, with Express 4 or 5. The page gets a ticket for one verification, never a session
// token of the service; the verdict stays here.
//
//   PERSE_PRIVATE_KEY=… npm start
import express from 'express';
import expressSession from 'express-session';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createVerifications } from 'perse-wasm/server';
import { toNode } from './adapter.mjs';

const { PERSE_PRIVATE_KEY, PERSE_BASE_URL, PERSE_TICKET_SECRET, PORT = 3000 } = process.env;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

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

const app = express();
// Before anything that reads bodies.
app.use('/perse/v0', toNode(verifications.handle));
app.use('/perse-wasm', express.static(here('node_modules/perse-wasm')));
app.use(express.static(here('public')));
app.use(express.json({ limit: '1kb' }));
app.use(
  expressSession({
    // In your product, a secret of its environment, and `secure: true` behind https.
    ...{ secret: randomUUID(), resave: false, saveUninitialized: false },
    cookie: { httpOnly: true, sameSite: 'strict' },
  }),
);

/** Starts a verification; its id stays in the session, where no page can exchange it. */
const begin = async ({ session }, response, options) => {
  const { id, token } = await verifications.start(options);
  session.verification = id;
  response.set('Cache-Control', 'no-store').json({ token });
};

// A name that exists keeps its face.
app.post('/sign-up', async (request, response) => {
  const { name } = Object(request.body);
  const isFree = typeof name === 'string' && /^\w{1,40}$/.test(name) && !faces.has(name);
  if (!isFree) return response.status(409).json({ message: 'Choose another name.' });
  await begin(request, response, { purpose: 'enrol', subject: name });
});

// Your own check comes first, a password for example: a face alone is no second factor.
app.post('/login', async (request, response) => {
  const { name } = Object(request.body);
  if (!faces.has(name)) return response.status(404).json({ message: 'Sign up first.' });
  await begin(request, response, { purpose: 'login', subject: name, userToken: faces.get(name) });
});

// Ends both: what the page says about the verdict does not matter.
app.post('/done', async (request, response) => {
  const { session } = request;
  const result = session.verification && (await verifications.result(session.verification));
  if (result?.status !== 'passed') return response.status(401).json({ message: 'You are not signed in.' });
  session.verification = undefined;
  const { purpose, subject: name, userToken } = result;
  if (purpose === 'enrol' && faces.has(name)) {
    return response.status(409).json({ message: 'Choose another name.' });
  }
  if (purpose === 'enrol') faces.set(name, userToken);
  // A new id: one that was known before the login is worth nothing after it.
  session.regenerate(() => {
    request.session.name = name;
    response.json({ name });
  });
});

app.get('/me', ({ session }, response) => {
  if (!session.name) return response.status(401).json({ message: 'You are not signed in.' });
  response.json({ name: session.name });
});

const server = app.listen(PORT, () => console.log(`listening on http://localhost:${server.address().port}`));
