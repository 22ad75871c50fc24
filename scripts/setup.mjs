/** What `npm start` and `npm test` need before anything compiled can run: plain JavaScript, no packages. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ROOT = new URL('..', import.meta.url);

/** Installs the packages of package-lock.json unless they are all there, then compiles. */
export function setUp() {
  process.chdir(ROOT.pathname);
  requireNode();
  if (!isInstalled()) {
    say('Installing the npm packages (a minute or two: better-sqlite3 may have to be compiled)…');
    installPackages();
  }
  run(process.execPath, ['node_modules/typescript/bin/tsc']);
}

/**
 * Installs Debian packages for programs that are not on the PATH.
 * @param {{ program: string, debianPackage: string }[]} wanted
 */
export function requirePrograms(wanted) {
  const missing = wanted.filter(({ program }) => !isOnPath(program));
  if (missing.length === 0) {
    return;
  }
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  const names = missing.map(({ program }) => program).join(', ');
  if (!canInstall()) {
    fail(
      `Not on the PATH: ${names}.\nInstall them, on Debian or Ubuntu by:\n` +
        `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    );
  }
  say(`Not on the PATH: ${names}. Installing the Debian packages ${packages.join(' ')}…`);
  aptInstall(packages);
  const still = missing.filter(({ program }) => !isOnPath(program));
  if (still.length > 0) {
    fail(`Still not on the PATH: ${still.map(({ program }) => program).join(', ')}`);
  }
}

export function isOnPath(program) {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;
}

/** Runs a program with our standard streams; ends this process when it fails. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', ...options });
  if (status !== 0) {
    fail(`${[program, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}`);
  }
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Pullgate needs Node 20.19 or newer; this is ${process.versions.node}.`);
  }
}

/** npm writes node_modules/.package-lock.json last, so an install that was cut off does not count. */
function isInstalled() {
  try {
    const wanted = readPackages('package-lock.json');
    const installed = readPackages('node_modules/.package-lock.json');
    return Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === '' || optional === true || installed[path]?.version === version,
    );
  } catch {
    return false;
  }
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function installPackages() {
  if (npmInstall().status === 0) {
    return;
  }
  const compilers = ['python3', 'make', 'g++'];
  if (compilers.every(isOnPath) || !canInstall()) {
    fail('npm ci failed. better-sqlite3 may need a compiler: python3, make and g++.');
  }
  say(`Installing the Debian packages ${compilers.join(' ')} and trying again…`);
  aptInstall(compilers);
  if (npmInstall().status !== 0) {
    fail('npm ci failed.');
  }
}

function npmInstall() {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--loglevel=error'];
  return npm === undefined
    ? spawnSync('npm', args, { stdio: 'inherit' })
    : spawnSync(process.execPath, [npm, ...args], { stdio: 'inherit' });
}

function canInstall() {
  return process.getuid?.() === 0 && isOnPath('apt-get');
}

function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env,
    // apt's long list of what it unpacks; its errors come on standard error.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
