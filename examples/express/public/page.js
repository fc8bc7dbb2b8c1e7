import * as Perse from '/perse-wasm/index.js';

const settings = await fetch('/my-settings');
Perse.configure(await settings.json());

// Called whenever a token is needed: before the first call, and when the last one has expired.
Perse.setToken(async () => {
  const answer = await fetch('/my-session', { method: 'POST' });
  if (!answer.ok) throw new Error('Please sign in again.');
  const { token } = await answer.json();
  return token;
});

const [selfie, id] = document.querySelectorAll('input[type=file]');
const consent = document.querySelector('input[type=checkbox]');

document.querySelector('button').onclick = async () => {
  const result = await Perse.face.compare(selfie.files[0], id.files[0], { enduserConsent: consent.checked });
  document.querySelector('#result').textContent = JSON.stringify(result);
};
