import { configure, face, setToken } from 'perse-wasm';
import { PerseCamera } from 'perse-wasm/react';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

const settings = new URLSearchParams(location.search);
configure({ baseUrl: settings.get('api') });
setToken(settings.get('token'));

function Login() {
  const [message, setMessage] = useState('');

  async function judge({ photos }) {
    const result = await face.quality(photos[0].blob, { enduserConsent: true });
    setMessage(result.code);
  }

  return (
    <>
      <PerseCamera onComplete={judge} />
      <output id="result">{message}</output>
    </>
  );
}

createRoot(document.querySelector('#root')).render(
  <StrictMode>
    <Login />
  </StrictMode>,
);
