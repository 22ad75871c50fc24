import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import {
  findPrograms,
  startOwnProcess,
  waitUntilReady,
  type OwnProcess,
} from '../../src/quickstart/own-process.js';
import {
  run,
  temporaryFolder,
  type RunOptions,
  type RunResult,
  type TemporaryFolder,
} from './run.js';

export interface DockerCliOptions extends Pick<RunOptions, 'input' | 'timeoutMs'> {
  /** The folder of `config.json`, where logins are kept. */
  readonly configDir?: string;
}

export interface DockerEngine {
  /** A value for DOCKER_HOST. */
  readonly host: string;
  readonly description: string;
  /** The docker program, asking this engine. Without a configDir, it has no logins but its own. */
  docker(args: readonly string[], options?: DockerCliOptions): Promise<RunResult>;
  stop(): Promise<void>;
}

const NOBODY = 'unix:///nonexistent.sock';
const ENGINE_STOP_MS = 20_000;

/** The engine that answers on this machine; else a private one, which stop() ends and clears away. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const folder = await temporaryFolder('pullgate-docker');
  try {
    return (await ambientEngine(folder)) ?? (await privateEngine(folder));
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** The docker program with no engine to ask: `docker login` then speaks to the registry itself. */
export async function dockerCli(
  args: readonly string[],
  options: DockerCliOptions & { readonly configDir: string },
): Promise<RunResult> {
  return await askEngine(NOBODY, args, options);
}

/** Programs of administrators, too, which are not on everybody's PATH. */
export async function findSystemProgram(name: string): Promise<string | null> {
  const path = [process.env['PATH'] ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);
  const [program] = await findPrograms([name], path);
  return program ?? null;
}

async function ambientEngine(folder: TemporaryFolder): Promise<DockerEngine | null> {
  const version = await serverVersion(process.env);
  if (version === null) {
    return null;
  }
  // Logins are kept apart by DOCKER_CONFIG, which also holds the context that leads to the engine.
  const format = '{{.Endpoints.docker.Host}}';
  const context = await run('docker', ['context', 'inspect', '--format', format]);
  const host = process.env['DOCKER_HOST'] ?? context.stdout.trim();
  const description = `Docker ${version} at ${host}`;
  return engineAt(host, { description, folder, stopDaemon: async () => {} });
}

async function privateEngine(folder: TemporaryFolder): Promise<DockerEngine> {
  const dockerd = await findSystemProgram('dockerd');
  if (dockerd === null || process.getuid?.() !== 0) {
    throw new Error(
      'These tests need Docker: start an engine and let DOCKER_HOST lead to it; or, as root, install ' +
        'one for them to start: apt-get update && apt-get install -y docker.io',
    );
  }
  const host = `unix://${join(folder.path, 'docker.sock')}`;
  const daemon = startOwnProcess(dockerd, daemonFlags(host, folder.path), {
    stopTimeoutMs: ENGINE_STOP_MS,
  });
  await waitUntilReady(daemon, dockerd, async () => (await serverVersion(envFor(host))) !== null);
  const version = await serverVersion(envFor(host));
  const description = `a private Docker ${version} (${dockerd})`;
  return engineAt(host, {
    description,
    folder,
    stopDaemon: async () => await stopAll(host, daemon),
  });
}

function daemonFlags(host: string, folder: string): string[] {
  const folders = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
  // A bridge and packet filter rules would stay on the machine after the engine is gone.
  const network = ['--bridge=none', '--iptables=false', '--ip-masq=false'];
  return ['--host', host, ...folders, '--pidfile', join(folder, 'dockerd.pid'), ...network];
}

/** Containers first: dockerd gives each of them ten seconds to end by itself. */
async function stopAll(host: string, daemon: OwnProcess): Promise<void> {
  const listed = await run('docker', ['ps', '--quiet'], { env: envFor(host) });
  const containers = listed.stdout.split('\n').filter((id) => id !== '');
  if (containers.length > 0) {
    await run('docker', ['rm', '--force', ...containers], { env: envFor(host) });
  }
  await daemon.stop();
}

function engineAt(
  host: string,
  parts: { description: string; folder: TemporaryFolder; stopDaemon: () => Promise<void> },
): DockerEngine {
  const ownConfig = join(parts.folder.path, 'config');
  return {
    host,
    description: parts.description,
    docker: async (args, options = {}) =>
      await askEngine(host, args, { configDir: ownConfig, ...options }),
    stop: async () => {
      await parts.stopDaemon();
      await parts.folder.remove();
    },
  };
}

async function askEngine(
  host: string,
  args: readonly string[],
  { configDir, ...options }: DockerCliOptions & { readonly configDir: string },
): Promise<RunResult> {
  await mkdir(configDir, { recursive: true });
  const env = { ...envFor(host), DOCKER_CONFIG: configDir };
  return await run('docker', args, { ...options, env });
}

/** A context by name would win over the host. */
function envFor(host: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, DOCKER_HOST: host };
  delete env['DOCKER_CONTEXT'];
  return env;
}

async function serverVersion(env: NodeJS.ProcessEnv): Promise<string | null> {
  const docker = await findSystemProgram('docker');
  if (docker === null) {
    return null;
  }
  const asked = await run(docker, ['version', '--format', '{{.Server.Version}}'], { env });
  return asked.code === 0 ? asked.stdout.trim() : null;
}
