import * as Perse from 'perse-wasm';
import * as camera from 'perse-wasm/camera.cjs';

const settings = new URLSearchParams(location.search);
Perse.configure({ baseUrl: settings.get('api') });
Perse.setToken(settings.get('token'));

const [selfie, id] = document.querySelectorAll('input');
document.querySelector('button').onclick = async () => {
  const result = await Perse.face.compare(selfie.files[0], id.files[0], { enduserConsent: true });
  document.querySelector('#result').textContent = JSON.stringify(result);
};

// Weights are files: what bundles scripts does not find them by itself.
const models = '/node_modules/perse-wasm/models/capture.weights.js';
window.capture = (options) => camera.capture({ models, ...options });
