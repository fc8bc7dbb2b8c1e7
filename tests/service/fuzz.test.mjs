// Requests that schemathesis makes up from the OpenAPI document: none may fail the server or get an undocumented response.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolsDir } from '../../scripts/lib/run.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { flags, PRIVATE_KEY } from './client.mjs';

const schemathesis = join(toolsDir, 'schemathesis', 'bin', 'schemathesis');
const EXAMPLES = 100;

test('made-up requests', { timeout: 300_000 }, async (t) => {
  if (!existsSync(schemathesis))
    return t.skip('schemathesis could not be installed: it needs Python 3.10 with venv');
  const folder = await mkdtemp(join(tmpdir(), 'perse-fuzz-'));
  const sandbox = await startSandbox(flags(join(folder, 'users.sqlite')));
  try {
    const token = await sandbox.login(PRIVATE_KEY);
    const flags = [
      ...['run', `${sandbox.url}/v0/openapi.json`, '--header', `Authorization: Bearer ${token}`],
      ...['--max-examples', String(EXAMPLES), '--continue-on-failure', '--no-color'],
      // By the schema, any file is a photo; and after ten guessed keys, 429 is the response instead of 401.
      ...['--exclude-checks', 'positive_data_acceptance,ignored_auth'],
    ];
    const { stdout, stderr, status } = spawnSync(schemathesis, flags, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, `${stdout.replaceAll(token, '…')}${stderr}`);
    const [, cases] = /(\d+) generated/.exec(stdout);
    assert.ok(Number(cases) > 500, `only ${cases} requests were made`);
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  }
});
