/** `npm test`: set up what is missing, check the house, then run every test against the real programs. */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { isOnPath, requirePrograms, run, say, setUp } from './setup.mjs';

const engineAnswers =
  isOnPath('docker') && spawnSync('docker', ['version'], { stdio: 'ignore' }).status === 0;

// A test that was deleted or renamed must not run on from an earlier build.
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
setUp();
requirePrograms([
  { program: 'git', debianPackage: 'git' },
  { program: 'openssl', debianPackage: 'openssl' },
  { program: 'docker', debianPackage: 'docker.io' },
  { program: 'containerd', debianPackage: 'docker.io' },
  { program: 'ctr', debianPackage: 'docker.io' },
  { program: 'skopeo', debianPackage: 'skopeo' },
  { program: 'chromium', debianPackage: 'chromium' },
  { program: 'openssl', debianPackage: 'openssl' },
  // Brings Galera, and what its members copy each other's state with.
  { program: 'mariadbd', debianPackage: 'mariadb-server' },
  { program: 'rsync', debianPackage: 'rsync' },
  // With an engine running, the tests use it, and a registry:2 container.
  ...(engineAnswers
    ? []
    : [
        { program: 'dockerd', debianPackage: 'docker.io' },
        { program: 'docker-registry', debianPackage: 'docker-registry' },
      ]),
]);
say('Checking lint, format and generated documents…');
run(process.execPath, ['scripts/check.mjs']);
run(process.execPath, [
  'node_modules/mocha/bin/mocha.js',
  '--forbid-only',
  '--forbid-pending',
  'dist/test/**/*.test.js',
]);
