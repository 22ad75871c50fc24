/** `node search-logs.js FOLDER`: the last step of `npm test`. Exits 1 when a log holds a secret. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LOG_FILE, SECRETS_FILE } from '../support/run-evidence.js';
import { searchFor } from './secret-search.js';

const folder = z.string().parse(process.argv[2]);
const files = await readdir(folder);
const secrets = new Set<string>();
for (const file of files.filter((name) => name.startsWith(`${SECRETS_FILE}-`))) {
  const text = await readFile(join(folder, file), 'utf8');
  for (const line of text.trimEnd().split('\n')) {
    secrets.add(z.string().parse(JSON.parse(line)));
  }
}

const search = searchFor(secrets);
const logs = files.filter((name) => name.startsWith(`${LOG_FILE}-`));
const findings: string[] = [];
for (const file of logs) {
  const found = search.findIn(await readFile(join(folder, file), 'utf8'));
  findings.push(...found.map((what) => `${join(folder, file)} holds ${what}`));
}

// A search that finds nothing because nothing was kept would be no evidence.
const problems =
  secrets.size === 0 || logs.length === 0
    ? [`${folder} holds ${secrets.size} secrets and ${logs.length} logs: nothing was searched`]
    : findings;
process.stdout.write(`Searched ${logs.length} logs for ${secrets.size} secrets.\n`);
for (const problem of problems) {
  process.stderr.write(`${problem}\n`);
}
process.exitCode = problems.length === 0 ? 0 : 1;
