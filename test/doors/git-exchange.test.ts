import { createServer, get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { AppError } from '../../src/access/errors.js';
import { createBodyRoom } from '../../src/git/body-room.js';
import { gitMemory } from '../../src/repositories/git-memory.js';
import { exchangeWithGit } from '../../src/git/exchange.js';

const LIMITS = {
  idleSeconds: 60,
  totalSeconds: 60,
  maxFetchBytes: 1_000_000,
  maxPushBytes: 1_000_000,
};

interface Outcome {
  /** The code of the error; null when there was none. */
  readonly code: string | null;
  readonly released: number;
}

/** Has a request for the references of a repository answered, which must fail. */
async function advertise(repository: string, path: string): Promise<Outcome> {
  let released = 0;
  let code: string | null = null;
  const server = createServer((request, response) => {
    void exchangeWithGit({
      request,
      response,
      operation: { service: 'git-upload-pack', step: 'advertise' },
      repository,
      limits: LIMITS,
      takeSlot: async () =>
        await Promise.resolve(() => {
          released += 1;
        }),
      bodyRoom: createBodyRoom(LIMITS.maxFetchBytes),
      who: 'ada',
      requireAccess: async () => {},
      path,
      memory: gitMemory(1024 ** 3, path),
      complained: () => undefined,
    })
      .catch((error: unknown) => {
        code = error instanceof AppError ? error.code : String(error);
      })
      .finally(() => {
        response.end();
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, resolve).on('error', reject);
  });
  await text(answer);
  server.close();
  await once(server, 'close');
  return { code, released };
}

describe('exchangeWithGit', () => {
  it('gives its place back when there is no git', async () => {
    const outcome = await advertise('/nonexistent', '/nonexistent');

    expect(outcome).to.deep.equal({ code: 'unavailable', released: 1 });
  });

  it('gives its place back when git refuses the repository', async () => {
    const outcome = await advertise('/nonexistent', process.env['PATH'] ?? '');

    expect(outcome).to.deep.equal({ code: 'unavailable', released: 1 });
  });

  it('gives its place back when git cannot even be called', async () => {
    const outcome = await advertise('/nonexistent\0', process.env['PATH'] ?? '');

    expect(outcome.released).to.equal(1);
  });
});
