/** The real clients that `--check` tries: those that are on this machine. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliContext } from '../cli/context.js';
import { DEMO_TAG, pullDemoImage, type Demo } from './demo.js';
import { cloneAddress, DEMO_PROJECT } from './demo-repository.js';
import { findPrograms } from './own-process.js';
import { runProgram } from './run-program.js';
import type { Stack } from './stack.js';

export interface Client {
  readonly name: string;
  /** By name: each must work with the deploy token, and be refused once it is revoked. */
  readonly attempts: Readonly<Record<string, () => Promise<void>>>;
}

export interface Place {
  readonly context: CliContext;
  readonly stack: Stack;
  readonly demo: Demo;
  /** For what the clients leave behind. */
  readonly folder: string;
}

/** Plain HTTP and git always; docker and skopeo where they are. */
export async function clientsHere(place: Place): Promise<Client[]> {
  const path = place.context.env['PATH'] ?? '';
  const [docker] = await findPrograms(['docker'], path);
  const [skopeo] = await findPrograms(['skopeo'], path);
  return [
    overHttp(place),
    withGit(place),
    ...(docker === undefined ? [] : [await withDocker(docker, place)]),
    ...(skopeo === undefined ? [] : [withSkopeo(skopeo, place)]),
  ];
}

function overHttp({ stack, demo }: Place): Client {
  async function pull(): Promise<void> {
    await pullDemoImage(stack, demo.credentials);
  }
  return { name: 'HTTP', attempts: { pull } };
}

function withGit({ context, stack, demo, folder }: Place): Client {
  const clone = join(folder, 'clone');
  const env = { ...context.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' };
  return {
    name: 'git',
    attempts: {
      async clone() {
        await rm(clone, { recursive: true, force: true });
        const address = cloneAddress(stack, demo.credentials);
        await runProgram('git', ['clone', '--quiet', address, clone], { env });
      },
    },
  };
}

async function withDocker(docker: string, place: Place): Promise<Client> {
  const { context, stack, demo, folder } = place;
  const { host } = stack.registry;
  const image = `${host}/${DEMO_PROJECT}:${DEMO_TAG}`;
  const env = { ...context.env, DOCKER_CONFIG: join(folder, 'docker') };

  async function login(): Promise<void> {
    await runProgram(docker, ['login', '-u', demo.credentials.username, '--password-stdin', host], {
      // Without a daemon the client logs in by itself, from here, where `localhost` is this machine.
      env: { ...env, DOCKER_HOST: 'unix:///nonexistent.sock' },
      input: demo.credentials.secret.reveal(),
    });
  }
  async function pull(): Promise<void> {
    await runProgram(docker, ['pull', '--quiet', image], { env });
    await runProgram(docker, ['image', 'rm', image], { env });
  }
  return (await isLocalEngine(docker, context.env))
    ? { name: 'docker', attempts: { login, pull } }
    : { name: 'docker (without a pull: no engine runs here)', attempts: { login } };
}

/** Docker Desktop's engine runs in a machine of its own, which does not reach this one's loopback. */
async function isLocalEngine(docker: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const system = await runProgram(docker, ['info', '--format', '{{.OperatingSystem}}'], { env });
    return process.platform === 'linux' && !system.includes('Docker Desktop');
  } catch {
    return false;
  }
}

function withSkopeo(skopeo: string, { stack, demo, folder }: Place): Client {
  const { host } = stack.registry;
  const image = `docker://${host}/${DEMO_PROJECT}:${DEMO_TAG}`;
  const flags = ['--tls-verify=false', '--authfile', join(folder, 'skopeo-auth.json')];
  return {
    name: 'skopeo',
    attempts: {
      async login() {
        const { username, secret } = demo.credentials;
        const args = ['login', ...flags, '-u', username, '--password-stdin', host];
        await runProgram(skopeo, args, { input: secret.reveal() });
      },
      async pull() {
        await rm(join(folder, 'image'), { recursive: true, force: true });
        const copy = ['copy', '--quiet', '--src-tls-verify=false', ...flags.slice(1)];
        await runProgram(skopeo, [...copy, image, `dir:${join(folder, 'image')}`]);
      },
    },
  };
}
