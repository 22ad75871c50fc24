/** `npm run check`: everything but the tests. Runs on what `npm run build` compiled. */

import { run } from './setup.mjs';

run(process.execPath, ['node_modules/oxlint/bin/oxlint', '--deny-warnings']);
run(process.execPath, [
  'node_modules/prettier/bin/prettier.cjs',
  '--check',
  '--log-level=warn',
  '.',
]);
run(process.execPath, ['scripts/docs.mjs', '--check']);
run(process.execPath, ['scripts/licenses.mjs']);
