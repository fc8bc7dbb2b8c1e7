// Messages in the language of the page.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { inEachEngine } from '../harness.mjs';

inEachEngine('messages', (harness) => {
  const { fault, inPage, open } = harness;

  describe('messages', () => {
    let table;
    before(async () => {
      table = JSON.parse(await readFile('build/messages.json', 'utf8'));
    });

    for (const [lang, index] of [
      ['en', 0],
      ['pt-BR', 1],
      ['es', 2],
      ['es-419', 2],
      ['ja', 0],
    ]) {
      test(`on a page whose language is ${lang}`, async () => {
        await open({ lang });
        const { messages, warnings } = await inPage(speak, harness.api, fault('503').url);
        for (const [code, message] of Object.entries(messages)) {
          assert.equal(message, table[code][index], code);
        }
        assert.deepEqual(Object.keys(messages).sort(), ['consent_required', 'server_busy', 'success']);
        assert.ok(
          warnings.some((line) => line.includes(table.server_busy[0])),
          'developers read English',
        );
      });
    }

    test('the page may choose another language, or its own words', async () => {
      await open({ lang: 'ja' });
      const own = { server_busy: 'Um momento, por favor.' };
      const { messages, warnings } = await inPage(speak, harness.api, fault('503').url, {
        ...{ locale: 'pt', messages: own, warn: false },
      });
      assert.equal(messages.success, table.success[1]);
      assert.equal(messages.server_busy, own.server_busy);
      assert.equal(messages.consent_required, table.consent_required[1]);
      assert.deepEqual(warnings, [], 'warnings are off');
    });
  });
});

async function speak(api, busy, options = {}) {
  const speaking = { warn: true, locale: '', ...options, enduserConsent: false };
  const good = await lab.call(lab.client(api, speaking), 'read');
  const bad = await lab.call(lab.client(busy, { ...speaking, retries: 0 }), 'read');
  const refused = await lab.call(lab.client(api, speaking), 'detect');
  const messages = Object.fromEntries([good, bad, refused].map(({ code, message }) => [code, message]));
  return { messages, warnings: lab.console };
}
