// The messages of every code, from crates/protocol to the facade.
import { mkdir, writeFile } from 'node:fs/promises';
import { output } from './run.mjs';

/** Writes build/messages.json, and build/messages/ with a file for each language. */
export async function writeMessages() {
  const json = output('cargo', ['run', '--quiet', '--package', 'perse-protocol', '--example', 'messages']);
  await mkdir('build/messages', { recursive: true });
  await writeFile('build/messages.json', json);
  for (const [index, language] of ['en', 'pt', 'es'].entries()) {
    const table = Object.entries(JSON.parse(json)).map(([code, messages]) => [code, messages[index]]);
    await writeFile(`build/messages/${language}.json`, JSON.stringify(Object.fromEntries(table)));
  }
}
