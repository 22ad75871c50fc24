import { once } from 'node:events';
import { expect } from 'chai';
import Koa from 'koa';
import { AppError } from '../../src/access/errors.js';
import { apiAnswers } from '../../src/api/errors.js';
import { gitErrors } from '../../src/git/errors.js';
import type { Door } from '../../src/http/handler.js';
import { errorAnswer } from '../../src/registry/errors.js';

const TOO_MANY = new AppError('rate_limited', 'Try again in 900 seconds.', {
  retryAfterSeconds: 900,
});
const AWAY = new AppError('unavailable', 'The database is away.');

interface Told {
  readonly status: number;
  readonly retryAfter: unknown;
  readonly text: string;
}

// dulwich, python-gitlab and Ansible sleep as long as the Retry-After of a 429 says, and say nothing:
// somebody with a wrong password sees a program that hangs for a quarter of an hour. The sentence tells
// it. An outage is short, and worth the wait. Clients of the token door read the header and do not sleep.
describe('a refusal that names a time to wait', () => {
  for (const [door, tell] of [
    ['git', async (error) => await toldBy(gitErrors, error)],
    ['the API', async (error) => await toldBy(apiAnswers(), error)],
  ] satisfies [string, (error: AppError) => Promise<Told>][]) {
    it(`has no Retry-After at ${door}, but its sentence`, async () => {
      const { status, retryAfter, text } = await tell(TOO_MANY);

      expect([status, retryAfter]).to.deep.equal([429, undefined]);
      expect(text).to.include('Try again in 900 seconds.');
    });

    it(`has Retry-After at ${door} in an outage`, async () => {
      const { status, retryAfter } = await tell(AWAY);

      expect([status, retryAfter]).to.deep.equal([503, '5']);
    });
  }

  it('has Retry-After at the token door', () => {
    const [many, away] = [TOO_MANY, AWAY].map((error) => errorAnswer('pullgate', error));

    expect(many).to.deep.include({ status: 429, headers: { 'retry-after': '900' } });
    expect(away).to.deep.include({ status: 503, headers: { 'retry-after': '5' } });
  });
});

/** What the door answers when its inside throws this. */
async function toldBy(door: Door, error: AppError): Promise<Told> {
  const app = new Koa<Parameters<Door>[0]['state']>();
  app.use(door);
  app.use(() => {
    throw error;
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return { status: response.status, retryAfter, text: await response.text() };
  } finally {
    server.close();
  }
}
