import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { stringify as toYaml } from 'yaml';
import { findPrograms, startOwnProcess, waitUntilReady, type OwnProcess } from './own-process.js';

export interface StockRegistryOptions {
  /** Of this machine, as in the names of images; `localhost` with the port where it is left out. */
  readonly host?: string;
  readonly port: number;
  /** The address to listen on; 127.0.0.1 where it is left out. */
  readonly listen?: string;
  readonly storageDir: string;
  /** YAML, `auth:` with what is under it, as `pullgate registry-config` prints it; empty: open to all. */
  readonly authSnippet: string;
  /** The `rootcertbundle` that the snippet names. */
  readonly caFile: string;
  /** Where a downloaded registry is kept. */
  readonly cacheDir: string;
  /** The PATH to look for programs on. */
  readonly path: string;
  readonly say: (line: string) => void;
}

export interface StockRegistry extends OwnProcess {
  /** `localhost:5000`, as in the names of images. */
  readonly host: string;
  /** Which program it is, for people. */
  readonly description: string;
}

/** A program of distribution's registry, of any version. */
export interface RegistryProgram {
  readonly file: string;
  readonly version: string;
}

const IMAGE = 'registry:2';
const PACKAGE = 'docker-registry';
const PROGRAM_NAMES = ['registry', 'docker-registry'] as const;
const LOOPBACK = '127.0.0.1';
const QUICK_MS = 20_000;
const DOWNLOAD_MS = 300_000;

/**
 * Starts a stock registry: a program on the PATH or in the cache folder, else
 * `registry:2` in a Docker engine, else Debian's package unpacked into the cache folder. It answers
 * when this returns.
 */
export async function startStockRegistry(options: StockRegistryOptions): Promise<StockRegistry> {
  await requireFreePort(options);
  await mkdir(options.storageDir, { recursive: true });
  const [program] = await findRegistryPrograms(options.path, options.cacheDir);
  if (program !== undefined) {
    return await startProgram(program, options);
  }
  const reasons = [
    `there is no registry program on the PATH, neither ${PROGRAM_NAMES.join(' nor ')}`,
  ];
  for (const attempt of [startInEngine, startDownloaded]) {
    try {
      return await attempt(options);
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new Error(await nothingWorked(options.path, reasons));
}

/** Those on the PATH, in its order, and then one that was downloaded before. */
export async function findRegistryPrograms(
  path: string,
  cacheDir: string,
): Promise<RegistryProgram[]> {
  const files = [...(await findPrograms(PROGRAM_NAMES, path)), downloadedProgram(cacheDir)];
  const programs = await Promise.all(files.map(registryProgram));
  return programs.filter((program) => program !== null);
}

/** Null if it is not there, does not run here, or is another program called `registry`. */
export async function registryProgram(file: string): Promise<RegistryProgram | null> {
  const output = await execute(file, ['--version'], { env: {} }).catch(() => '');
  const version = registryVersion(output);
  return version === null ? null : { file, version };
}

/** The version in what a registry prints for `--version`; null for any other program. */
export function registryVersion(output: string): string | null {
  return /\bdistribution\S*\s+v?(\S+)/.exec(output)?.[1] ?? null;
}

/** Unpacks Debian's package into the cache folder. Nothing is installed, so nobody need be root. */
export async function downloadRegistryProgram(
  cacheDir: string,
  path: string,
): Promise<RegistryProgram> {
  const [aptGet] = await findPrograms(['apt-get'], path);
  const [dpkgDeb] = await findPrograms(['dpkg-deb'], path);
  if (aptGet === undefined || dpkgDeb === undefined) {
    throw new Error(`Debian's package needs apt-get and dpkg-deb, which are not here`);
  }
  await mkdir(cacheDir, { recursive: true });
  // Beside its final place, so that a download that was cut off is never taken for a whole one.
  const folder = await mkdtemp(join(cacheDir, 'download-'));
  try {
    await fetchPackage(aptGet, folder);
    const file = (await readdir(folder)).find((name) => name.endsWith('.deb'));
    if (file === undefined) {
      throw new Error(`apt-get did not download ${PACKAGE}`);
    }
    await execute(dpkgDeb, ['-x', file, 'unpacked'], { cwd: folder });
    await rm(join(cacheDir, PACKAGE), { recursive: true, force: true });
    await rename(join(folder, 'unpacked'), join(cacheDir, PACKAGE));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const program = await registryProgram(downloadedProgram(cacheDir));
  if (program === null) {
    throw new Error(`Debian's package ${PACKAGE} does not run here`);
  }
  return program;
}

async function startProgram(
  program: RegistryProgram,
  options: StockRegistryOptions,
): Promise<StockRegistry> {
  const config = await writeConfig(options, options.listen ?? LOOPBACK);
  // The registry takes REGISTRY_… variables over its file: it gets none of ours. Version 3 would send
  // its traces to somebody.
  const env = { OTEL_TRACES_EXPORTER: 'none' };
  const own = startOwnProcess(program.file, ['serve', config], { env });
  return await serving(own, `registry ${program.version} (${program.file})`, options);
}

async function startDownloaded(options: StockRegistryOptions): Promise<StockRegistry> {
  options.say(`Looking for Debian's package ${PACKAGE}, to unpack into ${options.cacheDir}`);
  const program = await downloadRegistryProgram(options.cacheDir, options.path);
  return await startProgram(program, options);
}

async function startInEngine(options: StockRegistryOptions): Promise<StockRegistry> {
  const [docker] = await findPrograms(['docker'], options.path);
  if (docker === undefined) {
    throw new Error('there is no docker program on the PATH');
  }
  const version = await execute(docker, ['version', '--format', '{{.Server.Version}}']);
  await requireImage(docker, options.say);

  // Not every engine has a bridge network, and not every engine's host is this machine: Docker
  // Desktop and rootless engines run apart.
  const listen = options.listen ?? LOOPBACK;
  const address = `${listen}:${options.port}:${options.port}`;
  const network = (await hasBridge(docker))
    ? { host: '0.0.0.0', flags: ['--network', 'bridge', '--publish', address] }
    : { host: listen, flags: ['--network', 'host'] };
  const config = await writeConfig(options, network.host);
  const own = await startContainer(docker, { config, network: network.flags, options });
  return await serving(own, `${IMAGE} on Docker ${version.trim()}`, options);
}

async function hasBridge(docker: string): Promise<boolean> {
  const names = await execute(docker, ['network', 'ls', '--format', '{{.Name}}']);
  return names.split('\n').includes('bridge');
}

async function requireImage(docker: string, say: (line: string) => void): Promise<void> {
  try {
    await execute(docker, ['image', 'inspect', IMAGE]);
  } catch {
    say(`Pulling ${IMAGE}`);
    await execute(docker, ['pull', IMAGE], { timeout: DOWNLOAD_MS });
  }
}

/** In the foreground: the container's log and its end are those of the `docker run` that we hold. */
async function startContainer(
  docker: string,
  how: { config: string; network: readonly string[]; options: StockRegistryOptions },
): Promise<OwnProcess> {
  const { config, network, options } = how;
  const name = `pullgate-registry-${process.pid}-${options.port}`;
  // The paths in the configuration and in the snippet must hold inside, too.
  const mounts = [config, resolve(options.caFile), resolve(options.storageDir)].flatMap((path) => [
    '--mount',
    `type=bind,source=${path},target=${path}`,
  ]);
  const user = await containerUser(docker);
  const run = ['run', '--rm', '--name', name, ...network, ...user, ...mounts];
  return startOwnProcess(docker, [...run, IMAGE, 'serve', config], {
    forceStop: () => void execute(docker, ['rm', '--force', name]).catch(messageOf),
  });
}

/** Whoever we are, so that the storage stays ours; a rootless engine's root already is us. */
async function containerUser(docker: string): Promise<string[]> {
  const security = await execute(docker, ['info', '--format', '{{json .SecurityOptions}}']);
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || security.includes('rootless') ? [] : ['--user', `${uid}:${gid}`];
}

async function serving(
  own: OwnProcess,
  description: string,
  { host, port, authSnippet }: StockRegistryOptions,
): Promise<StockRegistry> {
  const status = authSnippet === '' ? 200 : 401;
  await waitUntilReady(own, `The registry, ${description},`, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`, {
      signal: AbortSignal.timeout(1000),
    }).catch(() => null);
    await answer?.body?.cancel();
    return answer?.status === status;
  });
  return { ...own, host: host ?? `localhost:${port}`, description };
}

async function writeConfig(options: StockRegistryOptions, host: string): Promise<string> {
  const storage = resolve(options.storageDir);
  const folder = join(dirname(storage), `${basename(storage)}-config`);
  const file = join(folder, 'config.yml');
  const config = toYaml({
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: `${host}:${options.port}` },
  });
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${config}${options.authSnippet}\n`);
  return file;
}

/** A registry of somebody else on the port would answer for ours, which could not start. */
async function requireFreePort({ port, listen }: StockRegistryOptions): Promise<void> {
  const probe = createServer().listen(port, listen ?? LOOPBACK);
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new Error(`The registry cannot have port ${port}: ${messageOf(error)}`, { cause: error });
  }
  probe.close();
  await once(probe, 'close');
}

function downloadedProgram(cacheDir: string): string {
  return join(resolve(cacheDir), PACKAGE, 'usr', 'bin', 'docker-registry');
}

async function fetchPackage(aptGet: string, folder: string): Promise<void> {
  const download = ['download', PACKAGE];
  try {
    await execute(aptGet, download, { cwd: folder, timeout: DOWNLOAD_MS });
  } catch (error) {
    if (process.getuid?.() !== 0) {
      throw error;
    }
    // A fresh machine or image may have no package lists yet.
    await execute(aptGet, ['update'], { timeout: DOWNLOAD_MS });
    await execute(aptGet, download, { cwd: folder, timeout: DOWNLOAD_MS });
  }
}

async function nothingWorked(path: string, reasons: readonly string[]): Promise<string> {
  const [aptGet] = await findPrograms(['apt-get'], path);
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  const advice =
    aptGet === undefined
      ? `Install Docker, start it, and run:\n  docker pull ${IMAGE}`
      : `Run this, then try again:\n  ${sudo}apt-get update && ${sudo}apt-get install -y ${PACKAGE}`;
  const list = reasons.map((reason) => `  - ${reason}`).join('\n');
  return `No registry could be started:\n${list}\n${advice}`;
}

/** What a program that should end soon has printed; throws if it fails. */
async function execute(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: QUICK_MS, ...options });
  return stdout;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
