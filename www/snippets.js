// Code of the calls that the Playground makes, for each way of using the package. A test compiles every one of them.

/** Calls, by the Playground's action: parameters of a function, and the expression inside. */
const CALLS = {
  check: { inputs: ['photo'], call: 'face.quality(photo, { enduserConsent })' },
  compare: { inputs: ['selfie', 'idPhoto'], call: 'face.compare(selfie, idPhoto, { enduserConsent })' },
  'compare-user': {
    inputs: ['selfie'],
    call: 'face.compare(selfie, userToken, { enduserConsent })',
    user: true,
  },
  enrol: { inputs: ['photo'], call: 'face.enrollment.create(photo, { enduserConsent })' },
  update: {
    inputs: ['photo'],
    call: 'face.enrollment.update(photo, userToken, { enduserConsent })',
    user: true,
  },
};

/** Result of a call, in words for a person. */
const WORDS = {
  check: "result.status ? 'Good photo' : result.message",
  compare:
    "!result.status\n  ? result.message\n  : result.similarity >= result.defaultThresholds.similarity\n    ? 'The same person'\n    : 'Two people'",
  enrol: "result.status ? 'Enrolled' : result.message",
};
WORDS['compare-user'] = WORDS.compare;
WORDS.update = WORDS.enrol;

const indent = (text, width) => text.replaceAll('\n', `\n${' '.repeat(width)}`);

const LABELS = { photo: 'Photo', selfie: 'Selfie', idPhoto: 'Photo of your document' };

const FRAMEWORKS = {
  js: (action) => {
    const { inputs, call, user } = CALLS[action];
    const parameters = [...inputs, ...(user ? ['userToken'] : []), 'enduserConsent'].join(', ');
    return `import { face, setToken } from 'perse-wasm';

// Your server starts the session; it keeps the private key.
setToken(() => fetch('/my-session', { method: 'POST' }));

export async function ask(${parameters}) {
  const result = await ${call};
  return ${indent(WORDS[action], 2)};
}`;
  },

  react: (action) => {
    const { inputs, call, user } = CALLS[action];
    const fields = inputs.map(
      (name) => `<input type="file" accept="image/*" name="${name}" aria-label="${LABELS[name]}" />`,
    );
    return `import { useEffect, useState } from 'react';
import { usePerse } from 'perse-wasm/react';

// Your server starts the session; it keeps the private key.
const fetchToken = () => fetch('/my-session', { method: 'POST' });

export function Ask({ enduserConsent${user ? ', userToken' : ''} }) {
  const perse = usePerse();
  useEffect(() => perse.setToken(fetchToken), [perse]);
  const [words, setWords] = useState('');

  async function ask(event) {
    event.preventDefault();
    const { ${inputs.join(', ')} } = Object.fromEntries(new FormData(event.currentTarget));
    const result = await perse.${call};
    setWords(
      ${indent(WORDS[action], 6)},
    );
  }

  return (
    <form onSubmit={ask}>
      ${fields.join('\n      ')}
      <button>Send</button>
      <output>{words}</output>
    </form>
  );
}`;
  },

  vue: (action) => {
    const { inputs, call, user } = CALLS[action];
    const fields = inputs.map(
      (name) => `    <input type="file" accept="image/*" name="${name}" aria-label="${LABELS[name]}" />`,
    );
    return `<script setup>
import { ref } from 'vue';
import { face, setToken } from 'perse-wasm';

// Your server starts the session; it keeps the private key.
setToken(() => fetch('/my-session', { method: 'POST' }));

const { enduserConsent${user ? ', userToken' : ''} } = defineProps(['enduserConsent'${user ? ", 'userToken'" : ''}]);
const words = ref('');

async function ask({ currentTarget }) {
  const { ${inputs.join(', ')} } = Object.fromEntries(new FormData(currentTarget));
  const result = await ${call};
  words.value = ${indent(WORDS[action], 2)};
}
</script>

<template>
  <form @submit.prevent="ask">
${fields.join('\n')}
    <button>Send</button>
    <output>{{ words }}</output>
  </form>
</template>`;
  },

  script: (action) => {
    const { inputs, call, user } = CALLS[action];
    const fields = inputs.map(
      (name) => `  <label>${LABELS[name]} <input type="file" accept="image/*" name="${name}" /></label>`,
    );
    return `<script src="node_modules/perse-wasm/perse.global.js"></script>

<form id="ask">
${fields.join('\n')}
  <label><input type="checkbox" name="consent" /> I agree that my face is processed.</label>
  <button>Send</button>
  <output></output>
</form>

<script>
  // Your server starts the session; it keeps the private key.
  Perse.setToken(() => fetch('/my-session', { method: 'POST' }));
  const form = document.querySelector('#ask');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { ${inputs.join(', ')}, consent } = Object.fromEntries(new FormData(form));
    const enduserConsent = consent === 'on';
${user ? "    const userToken = '…'; // that of your user, from your server\n" : ''}    const result = await Perse.${call};
    form.querySelector('output').textContent = ${indent(WORDS[action], 4)};
  });
</script>`;
  },
};

/** Ways of using the package, by name. */
export const FRAMEWORK_NAMES = { js: 'JavaScript', react: 'React', vue: 'Vue', script: 'Script tag' };

/** Names of the actions that have code. */
export const ACTIONS = Object.keys(CALLS);

/** Returns the code of an action. */
export const snippet = (framework, action) => FRAMEWORKS[framework](action);
