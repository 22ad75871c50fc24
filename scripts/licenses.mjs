/** `npm run licenses`: holds the licence of every package in the lock file to a list. */

import { readFileSync } from 'node:fs';
import { say } from './setup.mjs';

/** For what runs in production and so is passed on: no duty but to keep the notice. */
const PRODUCTION = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);
/** For what only builds and tests. */
const DEVELOPMENT = new Set([...PRODUCTION, 'CC0-1.0', 'MPL-2.0', 'PSF-2.0', 'Unlicense', 'Zlib']);
/** Old packages whose licence npm does not read; it is in their LICENSE file. */
const READ_BY_HAND = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' };

const file = process.argv[2] ?? 'package-lock.json';
const packages = Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages).filter(
  ([path]) => path !== '',
);
const problems = packages.flatMap(([path, { license, dev }]) => {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const stated = license ?? READ_BY_HAND[name];
  const allowed = dev === true ? DEVELOPMENT : PRODUCTION;
  return isAllowed(stated, allowed) ? [] : [`${name}: ${stated ?? 'no licence'}`];
});

say(`Licences of ${packages.length} packages: ${problems.length} that are not on the list.`);
for (const problem of problems) {
  say(`  ${problem}`);
}
process.exitCode = problems.length === 0 && packages.length > 0 ? 0 : 1;

/** `(A OR B)` leaves the choice to us; `A AND B` asks for both. */
function isAllowed(expression = '', allowed) {
  const alternatives = expression.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return alternatives.some((text) => text.split(' AND ').every((name) => allowed.has(name)));
}
