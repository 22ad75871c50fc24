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
// Who may do what is decided in src/access: its pure tests alone reach every line and branch.
run(process.execPath, [
  'node_modules/c8/bin/c8.js',
  '--100',
  '--skip-full',
  '--temp-directory=coverage/access',
  '--include=dist/src/access/**',
  'node_modules/mocha/bin/mocha.js',
  '--reporter=dot',
  'dist/test/unit/access/**/*.test.js',
]);
