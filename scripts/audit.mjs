/**
 * `npm run audit`: known weaknesses of what runs in production. Fails from severity high on; says
 * aloud when the package registry has no list to ask, which is no proof of anything.
 */

import { spawnSync } from 'node:child_process';
import { say } from './setup.mjs';

const FAILS = ['high', 'critical'];
const ARGS = ['audit', '--omit=dev', '--package-lock-only', '--json'];

const npm = process.env.npm_execpath;
const { stdout } =
  npm === undefined
    ? spawnSync('npm', ARGS, { encoding: 'utf8' })
    : spawnSync(process.execPath, [npm, ...ARGS], { encoding: 'utf8' });
const report = parse(stdout);

if (report?.metadata?.vulnerabilities === undefined) {
  say(`NOT AUDITED: ${report?.message ?? 'npm audit gave no report'}.`);
} else {
  const found = Object.values(report.vulnerabilities ?? {});
  const grave = found.filter(({ severity }) => FAILS.includes(severity));
  say(`Audited: ${found.length} packages with known weaknesses, ${grave.length} of them grave.`);
  for (const { name, severity, range } of found) {
    say(`  ${severity}: ${name} ${range}`);
  }
  process.exitCode = grave.length === 0 ? 0 : 1;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
