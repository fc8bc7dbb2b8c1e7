import { configure, face, setToken } from 'perse-wasm';

const settings = new URLSearchParams(location.search);
configure({ baseUrl: settings.get('api') });
setToken(settings.get('token'));

const [selfie, id] = document.querySelectorAll('input');
document.querySelector('button').onclick = async () => {
  const result = await face.compare(selfie.files[0], id.files[0], { enduserConsent: true });
  document.querySelector('#result').textContent = JSON.stringify(result);
};

// The camera and the face engine are loaded when they are used.
window.capture = async (options) => (await import('perse-wasm/camera')).capture(options);
window.verifyHere = async (...values) => (await import('perse-wasm/device')).verify(...values);
