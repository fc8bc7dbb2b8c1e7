'use client';

import * as Perse from 'perse-wasm';
import { useRef, useState } from 'react';

async function post(path, body = {}) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { ok: response.ok, ...(await response.json()) };
}

export default function SignIn() {
  const name = useRef(null);
  const photo = useRef(null);
  const consent = useRef(null);
  const [result, setResult] = useState('');

  /** Begins on the server, sends the photo, and asks the server what came of it. */
  async function verify(begin, send) {
    const started = await post(begin, { name: name.current.value });
    if (!started.ok) return started.message;
    // Everything goes through this page's own server.
    Perse.configure({ baseUrl: '/perse/v0' });
    Perse.setToken(started.token);
    const { status, message } = await send(photo.current.files[0], {
      enduserConsent: consent.current.checked,
    });
    if (!status) return message;
    const done = await post('/done');
    return done.ok ? `Welcome, ${done.name}.` : done.message;
  }

  async function signUp() {
    setResult('…');
    setResult(await verify('/sign-up', Perse.face.enrollment.create));
  }

  async function login() {
    setResult('…');
    // The server knows whose face it is: what stands in the user token's place does not matter.
    setResult(await verify('/login', (face, options) => Perse.face.isSimilar(face, 'me', options)));
  }

  return (
    <>
      <p>
        <label>
          Name <input name="name" autoComplete="username" ref={name} />
        </label>
      </p>
      <p>
        <label>
          Photo of your face <input type="file" accept="image/*" ref={photo} />
        </label>
      </p>
      <p>
        <label>
          <input type="checkbox" ref={consent} /> I agree that my photo is sent and compared.
        </label>
      </p>
      <button name="sign-up" onClick={signUp}>
        Sign up
      </button>{' '}
      <button name="login" onClick={login}>
        Log in
      </button>
      <output id="result">{result}</output>
    </>
  );
}
