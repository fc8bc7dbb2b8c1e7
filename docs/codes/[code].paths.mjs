// A page for each code, made from the tables of docs/errors.md and the messages of crates/protocol.
import { readFile } from 'node:fs/promises';

const TABLES = new URL('../errors.md', import.meta.url);
const messagesOf = (language) => new URL(`../../build/messages/${language}.json`, import.meta.url);
const LANGUAGES = { en: 'English', pt: 'Portuguese', es: 'Spanish' };

const cells = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const isStatus = (cell) => /^(\d+|–)$/.test(cell);
const codesIn = (cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code);

export default {
  watch: ['../errors.md'],
  async paths() {
    const lines = (await readFile(TABLES, 'utf8')).split('\n').filter((line) => line.startsWith('| `'));
    const rows = lines.map(cells);
    const statuses = rows.filter(([, second]) => isStatus(second));
    const actors = rows.filter(([, second]) => !isStatus(second));
    const messages = await Promise.all(
      Object.entries(LANGUAGES).map(async ([language, name]) => [
        name,
        JSON.parse(await readFile(messagesOf(language), 'utf8')),
      ]),
    );
    return statuses.map(([cell, status]) => {
      const [code] = codesIn(cell);
      const [, who, again] = actors.find(([codes]) => codesIn(codes).includes(code)) ?? [];
      return { params: { code }, content: page({ code, status, who, again, messages }) };
    });
  },
};

function page({ code, status, who, again, messages }) {
  const sender =
    status === '–' ? 'The SDK gives it by itself.' : `The service sends it with HTTP status ${status}.`;
  // Links of the table are relative to its own page.
  const linked = (text) => text.replaceAll(/\]\((?=[\w-]+\.md)/g, '](../');
  const action = who
    ? `| Who acts | Try again |\n| --- | --- |\n| ${linked(who)} | ${linked(again)} |`
    : 'It is a verdict or a success: nothing has failed.';
  const words = messages.map(([name, table]) => `- ${name}: "${table[code]}"`).join('\n');
  return `${sender}

## What to do

${action}

## Message

\`result.message\` says to the person:

${words}

\`configure({ messages: { ${code}: '…' } })\` has your own words. [All codes](../errors.md).
`;
}
