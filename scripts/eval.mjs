#!/usr/bin/env node
// Measures the face engine on labelled photos, and with --peer @vladmandic/face-api beside it (docs/evaluating.md).
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeByPeer, detectors } from './eval-peer/peer.mjs';
import { fail, output, root, run } from './lib/run.mjs';

const USAGE = `npm run eval -- --pairs FILE --images DIR [options]

  --pairs FILE           pairs in LFW's format, or a CSV with the columns a,b,same
  --images DIR           the folder of the photos that the pairs name
  --no-face DIR          pictures without people, to count false faces
  --peer                 measures @vladmandic/face-api too (installs 330 MB once; about a second a photo)
  --peer-detector NAME   its detector: ${detectors.join(' or ')} (default: ${detectors[0]}, as in the package)
  --out DIR              where the report goes (default: build/eval)
  --models DIR           the face engine's weights (default: models, where the set-up packs them)`;

const { values } = options();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
for (const name of ['pairs', 'images']) if (!values[name]) fail(`--${name} is missing.\n\n${USAGE}`);
const detector = values['peer-detector'];
if (!detectors.includes(detector)) fail(`--peer-detector is ${detectors.join(' or ')}.`);

// Paths are meant from where the command was given; cargo and the program run in the project's folder.
const caller = process.env.INIT_CWD ?? process.cwd();
const out = values.out ? resolve(caller, values.out) : join(root, 'build', 'eval');
const args = ['--out', out];
for (const name of ['pairs', 'images', 'no-face', 'models'])
  if (values[name]) args.push(`--${name}`, resolve(caller, values[name]));

run('cargo', ['build', '--quiet', '--release', '--package', 'perse-eval']);
const program = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'release', 'perse-eval');
if (values.peer) {
  const photos = output(program, [...args, '--list-photos'])
    .trimEnd()
    .split('\n');
  const results = join(out, `peer-${detector}.jsonl`);
  mkdirSync(out, { recursive: true });
  await describeByPeer(photos, detector, results).catch((error) => fail(error.message));
  args.push('--peer-results', results, '--peer-name', `face-api (${detector})`);
}
run(program, args);

function options() {
  const text = { type: 'string' };
  try {
    return parseArgs({
      options: {
        ...{ pairs: text, images: text, 'no-face': text, out: text, models: text },
        peer: { type: 'boolean' },
        'peer-detector': { ...text, default: detectors[0] },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`);
  }
}
