'use client';

import * as Perse from 'perse-wasm';
import { useEffect, useRef, useState } from 'react';

export default function Compare() {
  const selfie = useRef(null);
  const id = useRef(null);
  const [result, setResult] = useState();

  // The camera and the face engine are loaded when they are used.
  useEffect(() => {
    window.capture = async (options) => (await import('perse-wasm/camera')).capture(options);
    window.verifyHere = async (...values) => (await import('perse-wasm/device')).verify(...values);
  }, []);

  async function compare() {
    const settings = new URLSearchParams(location.search);
    Perse.configure({ baseUrl: settings.get('api') });
    Perse.setToken(settings.get('token'));
    const photos = [selfie.current.files[0], id.current.files[0]];
    setResult(await Perse.face.compare(...photos, { enduserConsent: true }));
  }

  return (
    <>
      <input type="file" accept="image/*" aria-label="Selfie" ref={selfie} />
      <input type="file" accept="image/*" aria-label="Document" ref={id} />
      <button onClick={compare}>Compare</button>
      <output id="result">{result && JSON.stringify(result)}</output>
    </>
  );
}
