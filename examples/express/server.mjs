// The page's own server: it has the private key, and gives the page a session token for it.
//
//   PERSE_PRIVATE_KEY=… npm start
import express from 'express';
import { fileURLToPath } from 'node:url';
import { createSession } from 'perse-wasm/server';

// PERSE_BASE_URL is only needed where the API is not at its usual place, with the sandbox for example.
const { PERSE_PRIVATE_KEY: privateKey, PERSE_BASE_URL: baseUrl, PORT = 3000 } = process.env;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const app = express();

app.post('/my-session', async (request, response) => {
  // Your own sign-in check belongs here. Whoever passes it may use the API at your expense:
  //   if (!request.session.user) return response.sendStatus(401);
  response.set('Cache-Control', 'no-store');
  try {
    response.json(await createSession({ privateKey, baseUrl }));
  } catch (error) {
    // For you, not for the page; there is no secret in it.
    console.error(`No session: ${error.message} (${error.code})`);
    response.status(502).json({ message: 'The face verification is not available. Try again later.' });
  }
});

// What the page has to know; the private key is not part of it.
app.get('/my-settings', (request, response) => response.json({ baseUrl }));

app.use('/perse-wasm', express.static(here('node_modules/perse-wasm')));
app.use(express.static(here('public')));

const server = app.listen(PORT, () => console.log(`listening on http://localhost:${server.address().port}`));
