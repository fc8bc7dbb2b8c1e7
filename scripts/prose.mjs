#!/usr/bin/env node
// Checks comments and documents for words that this project does not use. `npm run lint` runs it.
import { readFile } from 'node:fs/promises';
import { fail, output, root } from './lib/run.mjs';

process.chdir(root);

/** The files that are checked: code that is published or served, and documents. */
const FILES = /^(src|js|crates|www|scripts|tests|examples)\/.*\.(rs|ts|js|mjs)$|^([A-Z]+|docs\/[\w-]+)\.md$/;
const NOT_CHECKED = /^THIRD|^scripts\/prose\.mjs$/;

/** A comment, or a line of a document. */
const COMMENT = /(?:\/\/[/!]?|\/\*\*|^\s*\*)\s?(.*)$/;

/** Patterns in comments, and what to write in their place. */
const RULES = [
  [/^(What|Where|So many|Whom|Who|How)\b/, 'Begin with a verb or a noun.'],
  [/\b(nobody|anybody|whoever)\b/i, 'Name the program or the person.'],
  [/\banew\b/i, 'Write "again".'],
  [/\b(made|makes|make) (it |a photo |photos )?fit\b/i, 'Write "prepare" or "resize".'],
  [/\blies on (its|their) side\b/i, 'Write "is rotated".'],
  [/\bstands still\b/i, 'Write "is blocked".'],
  [/\bthe page's own thread\b/i, 'Write "the main thread".'],
  [/\bpass(es|ed)? over\b/i, 'Write "skip".'],
  [/\bunder way\b/i, 'Write "pending".'],
];

const files = output('git', ['ls-files']).split('\n');
const problems = [];
for (const file of files.filter((name) => FILES.test(name) && !NOT_CHECKED.test(name))) {
  const isDocument = file.endsWith('.md');
  const lines = (await readFile(file, 'utf8')).split('\n');
  for (const [index, line] of lines.entries()) {
    const text = isDocument ? line : line.match(COMMENT)?.[1];
    if (!text) continue;
    for (const [pattern, advice] of isDocument ? RULES.slice(1) : RULES) {
      // A line that goes on from the one before may begin with any word.
      const isFirst = isDocument || !/^\s*(\/\/[/!]?|\*)\s?\S/.test(lines[index - 1] ?? '');
      if (pattern.source.startsWith('^') && !isFirst) continue;
      if (pattern.test(text)) problems.push(`${file}:${index + 1}: ${text.trim()}\n    ${advice}`);
    }
  }
}
if (problems.length > 0) fail(problems.join('\n'));
