'use client';

import * as Perse from 'perse-wasm';
import { useEffect, useRef, useState } from 'react';

/** Called whenever a token is needed: before the first call, and when the last one has expired. */
async function fetchToken() {
  const answer = await fetch('/api/session', { method: 'POST' });
  if (!answer.ok) throw new Error('Please sign in again.');
  const { token } = await answer.json();
  return token;
}

export default function Compare({ baseUrl }) {
  const selfie = useRef(null);
  const id = useRef(null);
  const consent = useRef(null);
  const [result, setResult] = useState();

  useEffect(() => {
    Perse.configure({ baseUrl });
    Perse.setToken(fetchToken);
  }, [baseUrl]);

  async function compare() {
    const photos = [selfie.current.files[0], id.current.files[0]];
    setResult(await Perse.face.compare(...photos, { enduserConsent: consent.current.checked }));
  }

  return (
    <>
      <p>
        <label>
          Selfie <input type="file" accept="image/jpeg,image/png,image/webp" ref={selfie} />
        </label>
      </p>
      <p>
        <label>
          Document <input type="file" accept="image/jpeg,image/png,image/webp" ref={id} />
        </label>
      </p>
      <p>
        <label>
          <input type="checkbox" ref={consent} /> I agree that both photos are sent and compared.
        </label>
      </p>
      <button onClick={compare}>Compare</button>
      <output id="result">{result && JSON.stringify(result)}</output>
    </>
  );
}
