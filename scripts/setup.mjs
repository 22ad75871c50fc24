/** What `npm start` and `npm test` need before anything compiled can run: plain JavaScript, no packages. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = 'node_modules/typescript/bin/tsc';
/** Silence up to here needs no explanation; from then on a line tells what goes on. */
const FIRST_LINE_MS = 1500;
const NEXT_LINE_MS = 10_000;

/** Installs the packages of package-lock.json unless they are all there, then compiles everything. */
export async function setUp() {
  await install();
  await compile('Compiling', ['--build']);
}

/** The same for a start, which needs src alone, and compiles only what changed. */
export async function setUpToStart() {
  await install();
  await compile('Compiling src', ['--build', 'tsconfig.src.json']);
}

async function install() {
  process.chdir(ROOT);
  requireNode();
  if (!isInstalled()) {
    await installPackages();
  }
}

async function compile(what, args) {
  if ((await runTelling(what, process.execPath, [TSC, ...args])) !== 0) {
    fail('The compiler found errors.');
  }
}

/**
 * Installs Debian packages for programs that are not on the PATH, and for modules that its Python lacks.
 * @param {{ program: string, debianPackage: string, isThere?: (program: string) => boolean }[]} wanted
 */
export function requirePrograms(wanted) {
  const missing = wanted.filter(({ program, isThere = isOnPath }) => !isThere(program));
  if (missing.length === 0) {
    return;
  }
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  const names = missing.map(({ program }) => program).join(', ');
  if (!canInstall()) {
    fail(
      `Missing: ${names}.\nInstall them, on Debian or Ubuntu by:\n` +
        `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    );
  }
  say(`Missing: ${names}. Installing the Debian packages ${packages.join(' ')}…`);
  aptInstall(packages);
  const still = missing.filter(({ program, isThere = isOnPath }) => !isThere(program));
  if (still.length > 0) {
    fail(`Still missing: ${still.map(({ program }) => program).join(', ')}`);
  }
}

export function isOnPath(program) {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;
}

export function isPythonModule(name) {
  return spawnSync('/usr/bin/python3', ['-c', `import ${name}`]).status === 0;
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

async function installPackages() {
  if ((await npmInstall()) === 0) {
    return;
  }
  const compilers = ['python3', 'make', 'g++'];
  if (compilers.every(isOnPath) || !canInstall()) {
    fail('npm ci failed. better-sqlite3 may need a compiler: python3, make and g++.');
  }
  say(`Installing the Debian packages ${compilers.join(' ')} and trying again…`);
  aptInstall(compilers);
  if ((await npmInstall()) !== 0) {
    fail('npm ci failed.');
  }
}

async function npmInstall() {
  const npm = process.env.npm_execpath;
  // Our own lines tell how far it is, in a log too.
  const args = ['ci', '--include=dev', '--loglevel=error', '--no-progress'];
  const what = 'Installing the npm packages';
  return npm === undefined
    ? await runTelling(what, 'npm', args, howFarNpmIs)
    : await runTelling(what, process.execPath, [npm, ...args], howFarNpmIs);
}

/** How far npm is: it unpacks all packages, and then has better-sqlite3 compiled. */
function howFarNpmIs() {
  // Packages for other systems are optional.
  const paths = Object.entries(readPackages('package-lock.json'))
    .filter(([path, { optional }]) => path !== '' && optional !== true)
    .map(([path]) => path);
  const there = paths.filter((path) => existsSync(path)).length;
  return there === paths.length
    ? 'unpacked; better-sqlite3 may have to be compiled, which takes a minute or two'
    : `${there} of ${paths.length} unpacked`;
}

/**
 * Runs a program with our standard streams and returns its status. While it runs, a line every few
 * seconds says so, and how far it is.
 */
async function runTelling(what, program, args, howFar = () => '') {
  const start = performance.now();
  function tell() {
    const seconds = Math.round((performance.now() - start) / 1000);
    say([`${what} (${seconds} s)`, howFar()].filter((text) => text !== '').join(': '));
  }
  const child = spawn(program, args, { stdio: 'inherit' });
  const first = setTimeout(say, FIRST_LINE_MS, `${what}…`);
  const next = setInterval(tell, NEXT_LINE_MS);
  try {
    const [status] = await once(child, 'close');
    return status;
  } catch (error) {
    fail(`${program} cannot be run: ${error.message}`);
  } finally {
    clearTimeout(first);
    clearInterval(next);
  }
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
