/** `npm test`: set up what is missing, check the house, then run every test against the real programs. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOnPath, isPythonModule, requirePrograms, run, say, setUp } from './setup.mjs';

const engineAnswers =
  isOnPath('docker') && spawnSync('docker', ['version'], { stdio: 'ignore' }).status === 0;

// A test that was deleted or renamed must not run on from an earlier build.
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
await setUp();
requirePrograms([
  { program: 'git', debianPackage: 'git' },
  { program: 'git-lfs', debianPackage: 'git-lfs' },
  { program: 'go', debianPackage: 'golang-go' },
  { program: 'dulwich', debianPackage: 'python3-dulwich', isThere: isPythonModule },
  { program: 'pip', debianPackage: 'python3-pip', isThere: isPythonModule },
  { program: 'setuptools', debianPackage: 'python3-setuptools', isThere: isPythonModule },
  { program: 'wheel', debianPackage: 'python3-wheel', isThere: isPythonModule },
  // libgit2.
  { program: 'pygit2', debianPackage: 'python3-pygit2', isThere: isPythonModule },
  { program: 'faketime', debianPackage: 'faketime' },
  { program: 'prlimit', debianPackage: 'util-linux' },
  { program: 'curl', debianPackage: 'curl' },
  { program: 'openssl', debianPackage: 'openssl' },
  { program: 'docker', debianPackage: 'docker.io' },
  { program: 'containerd', debianPackage: 'docker.io' },
  { program: 'ctr', debianPackage: 'docker.io' },
  { program: 'skopeo', debianPackage: 'skopeo' },
  { program: 'nginx', debianPackage: 'nginx-light' },
  { program: 'podman', debianPackage: 'podman' },
  { program: 'chromium', debianPackage: 'chromium' },
  // Brings Galera, and what its members copy each other's state with.
  { program: 'mariadbd', debianPackage: 'mariadb-server' },
  { program: 'rsync', debianPackage: 'rsync' },
  { program: 'promtool', debianPackage: 'prometheus' },
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
// Every secret that is made and every log that is written meanwhile, for the last step.
const evidence = mkdtempSync(join(tmpdir(), 'pullgate-evidence-'));
const statsFile = join(evidence, 'stats.json');
const noteSecrets = new URL('../dist/test/support/note-secrets.js', import.meta.url);
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/mocha/bin/mocha.js',
    '--forbid-only',
    '--forbid-pending',
    'dist/test/**/*.test.js',
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      PULLGATE_TEST_EVIDENCE: evidence,
      PULLGATE_TEST_STATS: statsFile,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${noteSecrets.href}`.trim(),
    },
  },
);
say('Searching the logs of all tests for the secrets of all tests…');
const search = spawnSync(process.execPath, ['dist/test/evidence/search-logs.js', evidence], {
  stdio: 'inherit',
});
const { passes, failures } = JSON.parse(readFileSync(statsFile, 'utf8'));
const isClean = search.status === 0;
rmSync(evidence, { recursive: true, force: true });
// The search counts as one test more.
process.stdout.write(
  `${passes + (isClean ? 1 : 0)} passed, ${failures + (isClean ? 0 : 1)} failed\n`,
);
process.exitCode = status === 0 && isClean ? 0 : 1;
