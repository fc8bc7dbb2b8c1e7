import * as Perse from '/perse-wasm/index.js';

// Everything goes through this page's own server.
Perse.configure({ baseUrl: '/perse/v0' });

const name = document.querySelector('input[name=name]');
const photo = document.querySelector('input[type=file]');
const consent = document.querySelector('input[type=checkbox]');
const result = document.querySelector('#result');

async function post(path, body = {}) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { ok: response.ok, ...(await response.json()) };
}

/** Begins on the server, sends the photo, and asks the server what came of it. */
async function verify(begin, send) {
  const started = await post(begin, { name: name.value });
  if (!started.ok) return started.message;
  Perse.setToken(started.token);
  const { status, message } = await send(photo.files[0], { enduserConsent: consent.checked });
  if (!status) return message;
  const done = await post('/done');
  return done.ok ? `Welcome, ${done.name}.` : done.message;
}

document.querySelector('button[name=sign-up]').onclick = async () => {
  result.textContent = '…';
  result.textContent = await verify('/sign-up', Perse.face.enrollment.create);
};

document.querySelector('button[name=login]').onclick = async () => {
  result.textContent = '…';
  // The server knows whose face it is: what stands in the user token's place does not matter.
  result.textContent = await verify('/login', (face, options) => Perse.face.isSimilar(face, 'me', options));
};
