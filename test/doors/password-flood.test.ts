import { expect } from 'chai';
import { PASSWORD_COST } from '../../src/services/passwords.js';
import { basic, send, type Answer, type Login } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { newUser } from './app-data.js';

/** More than there is room for: some are told to try again. */
const GUESSES = 200;

describe('200 guesses at once, each from a network of its own', () => {
  const app = withApp({
    env: { PULLGATE_HTTP_TRUSTED_PROXIES: '127.0.0.0/8' },
    passwordCost: PASSWORD_COST,
  });
  let ada: Login;
  let flood: Promise<Answer>[];
  let compared: number;

  before(async () => {
    ada = (await newUser(app, { username: 'ada' })).login;
  });

  beforeEach(async () => {
    expect((await pull(ada, '198.51.100.7')).status).to.equal(200);
    compared = 0;
    flood = Array.from({ length: GUESSES }, async (_, i) => {
      const login = { username: `user-${i}`, secret: `guess ${Math.random()}` };
      const answer = await pull(login, `2001:db8:${i.toString(16)}::1`);
      compared += answer.status === 401 ? 1 : 0;
      return answer;
    });
    await Promise.any(flood);
  });

  afterEach(async () => {
    await Promise.all(flood);
  });

  async function pull(login: Login, address: string): Promise<Answer> {
    return await send(app.origin, {
      method: 'GET',
      target: '/token?service=container_registry',
      headers: { authorization: basic(login), 'x-forwarded-for': address },
    });
  }

  // Each guess is an argon2, and all of them filled the four threads in which Node reads files, too:
  // readiness, which looked for git there, took 14 to 24 seconds, and Kubernetes restarts what takes
  // three. It answers from what was found before, and waits for nothing.
  it('leave readiness as quick as it was', async () => {
    const { status } = await send(app.origin, { method: 'GET', target: '/-/readiness' });

    expect(status).to.equal(200);
    expect(compared).to.be.lessThan(GUESSES);
  });

  it('leave git as quick as it was', async () => {
    const target = '/tanuki/app.git/info/refs?service=git-upload-pack';
    const { status } = await send(app.origin, { method: 'GET', target });

    expect(status).to.equal(401);
    expect(compared).to.be.lessThan(GUESSES);
  });

  it('keep nobody waiting with a right password, from where it was right before', async () => {
    const { status } = await pull(ada, '198.51.100.7');

    expect(status).to.equal(200);
    expect(compared).to.be.lessThan(GUESSES);
  });

  it('are compared as far as there is room, and told to try again beyond', async () => {
    const answers = await Promise.all(flood);
    const busy = answers.filter(({ status }) => status === 503);

    expect(compared + busy.length).to.equal(GUESSES);
    expect(compared).to.be.within(3, GUESSES - 1);
    expect(busy[0]?.headers['retry-after']).to.equal('5');
  });
}).timeout(60_000);
