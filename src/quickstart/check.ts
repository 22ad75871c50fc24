/** `quickstart --check`: the whole path, from the command line's creation of a token to its end. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OPERATOR } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { revokeDeployToken } from '../services/deploy-tokens.js';
import type { CliContext } from '../cli/context.js';
import { CommandError } from '../cli/failure.js';
import { DEMO_PROJECT, DEMO_TAG, pullDemoImage, pushDemo, setUpDemo, type Demo } from './demo.js';
import { RegistryAnswerError } from './demo-image.js';
import { findPrograms } from './own-process.js';
import type { Stack } from './stack.js';

const CLIENT_TIMEOUT_MS = 60_000;

interface Client {
  readonly name: string;
  readonly login: () => Promise<void>;
  readonly pull: () => Promise<void>;
}

/** Throws at the first thing that is not as it should be; says what was proved. */
export async function checkStack(context: CliContext, stack: Stack, folder: string): Promise<void> {
  function proved(what: string): void {
    context.writeOut(`✓ ${what}\n`);
  }
  proved(`Pullgate serves ${stack.config.http.publicUrl}`);
  proved(`${stack.registry.description} trusts it at ${stack.registry.host}`);

  const demo = await setUpDemo({ stack, now: context.now });
  proved(`an administrator pushed ${DEMO_PROJECT}:${DEMO_TAG}`);

  const clients = await clientsHere(context, { stack, demo, folder });
  for (const client of clients) {
    await client.login();
    await client.pull();
    proved(`${client.name}: the deploy token logs in and pulls`);
  }
  await mustBeRefused('a push with the deploy token', async () => {
    await pushDemo(stack, demo.credentials, `${DEMO_PROJECT}/pushed`);
  });
  await mustBeRefused('a push to a neighbour with a similar name', async () => {
    await pushDemo(stack, demo.credentials, `${DEMO_PROJECT}-evil`);
  });
  proved('it cannot push');

  await revokeDeployToken(
    { store: stack.service.store, now: context.now },
    OPERATOR,
    demo.token.id,
  );
  for (const client of clients) {
    await mustBeRefused(`${client.name}: a login after the revocation`, client.login);
    await mustBeRefused(`${client.name}: a pull after the revocation`, client.pull);
    proved(`${client.name}: refused right after the revocation`);
  }
}

async function mustBeRefused(what: string, attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (isRefusal(error)) {
      return;
    }
    throw error;
  }
  throw new CommandError(`${what} was accepted`);
}

/** What is no refusal, such as a client that crashed, must not pass for one. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AppError || error instanceof RegistryAnswerError) {
    return true;
  }
  return (
    error instanceof Error &&
    /unauthorized|denied|authentication required|invalid username\/password/i.test(error.message)
  );
}

interface Place {
  readonly stack: Stack;
  readonly demo: Demo;
  readonly folder: string;
}

/** Plain HTTP always; docker and skopeo where they are. */
async function clientsHere(context: CliContext, place: Place): Promise<Client[]> {
  const path = context.env['PATH'] ?? '';
  const [docker] = await findPrograms(['docker'], path);
  const [skopeo] = await findPrograms(['skopeo'], path);
  return [
    overHttp(place),
    ...(docker === undefined ? [] : [await withDocker(docker, context, place)]),
    ...(skopeo === undefined ? [] : [withSkopeo(skopeo, place)]),
  ];
}

function overHttp({ stack, demo }: Place): Client {
  async function pull(): Promise<void> {
    await pullDemoImage(stack, demo.credentials);
  }
  return { name: 'HTTP', login: pull, pull };
}

async function withDocker(
  docker: string,
  { env }: CliContext,
  { stack, demo, folder }: Place,
): Promise<Client> {
  const { host } = stack.registry;
  const image = `${host}/${DEMO_PROJECT}:${DEMO_TAG}`;
  const ownConfig = { ...env, DOCKER_CONFIG: join(folder, 'docker') };
  const hasEngine = await isLocalEngine(docker, env);
  return {
    name: hasEngine ? 'docker' : 'docker (no engine runs here, so without a pull)',
    async login() {
      await run(docker, ['login', '-u', demo.credentials.username, '--password-stdin', host], {
        // Without a daemon the client logs in by itself, from here, where `localhost` is this machine.
        env: { ...ownConfig, DOCKER_HOST: 'unix:///nonexistent.sock' },
        input: demo.credentials.secret.reveal(),
      });
    },
    async pull() {
      if (hasEngine) {
        await run(docker, ['pull', '--quiet', image], { env: ownConfig });
        await run(docker, ['image', 'rm', image], { env: ownConfig });
      } else {
        await pullDemoImage(stack, demo.credentials);
      }
    },
  };
}

/** Docker Desktop's engine runs in a machine of its own, which does not reach this one's loopback. */
async function isLocalEngine(docker: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const system = await run(docker, ['info', '--format', '{{.OperatingSystem}}'], { env });
    return process.platform === 'linux' && !system.includes('Docker Desktop');
  } catch {
    return false;
  }
}

function withSkopeo(skopeo: string, { stack, demo, folder }: Place): Client {
  const { host } = stack.registry;
  const authFile = join(folder, 'skopeo-auth.json');
  const flags = ['--tls-verify=false', '--authfile', authFile];
  return {
    name: 'skopeo',
    async login() {
      const args = ['login', ...flags, '-u', demo.credentials.username, '--password-stdin', host];
      await run(skopeo, args, { input: demo.credentials.secret.reveal() });
    },
    async pull() {
      await run(skopeo, ['inspect', ...flags, `docker://${host}/${DEMO_PROJECT}:${DEMO_TAG}`]);
    },
  };
}

async function run(
  program: string,
  args: readonly string[],
  { env, input = '' }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<string> {
  const running = promisify(execFile)(program, args, { env, timeout: CLIENT_TIMEOUT_MS });
  running.child.stdin?.end(input);
  // The error's message holds what the program wrote to standard error, and not its input.
  return (await running).stdout;
}
