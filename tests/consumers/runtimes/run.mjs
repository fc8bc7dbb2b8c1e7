// For runtimes with a command line: node, deno, bun.
import { argv } from 'node:process';
import { check } from './checks.mjs';

const [api, hostile, privateKey] = argv.slice(2);
console.log(JSON.stringify(await check({ api, hostile, privateKey })));
