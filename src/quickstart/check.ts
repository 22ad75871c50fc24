/** `quickstart --check`: the whole path, from the command line's creation of a token to its end. */

import { OPERATOR } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { revokeDeployToken } from '../services/deploy-tokens.js';
import type { CliContext } from '../cli/context.js';
import { CommandError } from '../failure.js';
import { DEMO_TAG, pushDemo, setUpDemo } from './demo.js';
import { DEMO_PROJECT } from './demo-repository.js';
import { RegistryAnswerError } from './demo-image.js';
import { clientsHere } from './check-clients.js';
import type { Stack } from './stack.js';

/** Throws at the first thing that is not as it should be; says what was proved. */
export async function checkStack(context: CliContext, stack: Stack, folder: string): Promise<void> {
  function proved(what: string): void {
    context.writeOut(`✓ ${what}\n`);
  }
  proved(`Pullgate serves ${stack.config.http.publicUrl}`);
  proved(`${stack.registry.description} trusts it at ${stack.registry.host}`);

  const demo = await setUpDemo({ stack, now: context.now, path: context.env['PATH'] ?? '' });
  proved(`an administrator pushed ${DEMO_PROJECT}:${DEMO_TAG} and its git repository`);

  const clients = await clientsHere({ context, stack, demo, folder });
  for (const { name, attempts } of clients) {
    for (const attempt of Object.values(attempts)) {
      await attempt();
    }
    proved(`${name}: the deploy token can ${Object.keys(attempts).join(' and ')}`);
  }
  async function push(repository: string): Promise<void> {
    await pushDemo(stack, { credentials: demo.credentials, repository, now: context.now() });
  }
  await mustBeRefused('a push with the deploy token', async () => {
    await push(`${DEMO_PROJECT}/pushed`);
  });
  await mustBeRefused('a push to a neighbour with a similar name', async () => {
    await push(`${DEMO_PROJECT}-evil`);
  });
  proved('it cannot push');

  await revokeDeployToken(
    { store: stack.service.store, now: context.now },
    OPERATOR,
    demo.token.id,
  );
  for (const { name, attempts } of clients) {
    for (const [what, attempt] of Object.entries(attempts)) {
      await mustBeRefused(`${name}: ${what} after the revocation`, attempt);
    }
    proved(`${name}: refused right after the revocation`);
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
    /unauthorized|denied|authentication (required|failed)|invalid username\/password/i.test(
      error.message,
    )
  );
}
