import { expect } from 'chai';
import { withAppForEach } from '../support/with-app.js';
import {
  ask,
  askByGet,
  askByPost,
  basic,
  ErrorAnswer,
  send,
  type Answer,
  type Login,
} from '../support/token-client.js';
import {
  newAccessToken,
  newDeployToken,
  newProject,
  newProjectAndToken,
  newUser,
  requestLine,
} from './app-data.js';

const LIMIT = 10;
const ADDRESS_LIMIT = 100;

describe('guessing', () => {
  const app = withAppForEach({ env: { PULLGATE_HTTP_TRUSTED_PROXIES: '127.0.0.0/8' } });

  /** One attempt as the proxy passes it on from this address. */
  async function attempt(login: Login, address = '192.0.2.1'): Promise<Answer> {
    return await send(app.origin, {
      method: 'GET',
      target: '/token?service=container_registry',
      headers: { authorization: basic(login), 'x-forwarded-for': address },
    });
  }

  async function guess(username: string, times: number, address?: string): Promise<number[]> {
    const statuses = [];
    for (let i = 0; i < times; i += 1) {
      statuses.push((await attempt({ username, secret: `gldt-guess-${i}` }, address)).status);
    }
    return statuses;
  }

  it('is asked to wait after ten wrong tokens of one username, in the words of each door', async () => {
    const statuses = await guess('deploy-token-1', LIMIT + 1);
    const atRegistry = await attempt({ username: 'deploy-token-1', secret: 'gldt-another' });
    const atGit = await send(app.origin, {
      method: 'GET',
      target: '/tanuki/app.git/info/refs?service=git-upload-pack',
      headers: {
        authorization: basic({ username: 'deploy-token-1', secret: 'gldt-one-more' }),
        'x-forwarded-for': '192.0.2.1',
      },
    });

    expect(statuses).to.deep.equal([...Array.from({ length: LIMIT }, () => 401), 429]);
    expect(Number(atRegistry.headers['retry-after'])).to.be.within(1, 900);
    const [error] = ErrorAnswer.parse(atRegistry.body).errors;
    expect(error.code).to.equal('TOOMANYREQUESTS');
    expect(error.message).to.match(/Try again in \d+ seconds/);
    expect(atGit.status).to.equal(429);
    expect(atGit.headers['content-type']).to.equal('text/plain; charset=utf-8');
    expect(Number(atGit.headers['retry-after'])).to.be.within(1, 900);
    expect(atGit.text).to.match(/^Too many wrong .*\n$/);
    const line = await requestLine(app, atRegistry.headers['x-request-id']);
    expect(line['refusal']).to.equal('rate_limited');
  });

  it('is slowed down at the API too, where a good token is accepted all the same', async () => {
    const { user } = await newUser(app);
    const { secret } = await newAccessToken(app, user, ['api']);
    async function present(token: string): Promise<Answer> {
      return await send(app.origin, {
        method: 'GET',
        target: '/api/v4/user',
        headers: { 'private-token': token, 'x-forwarded-for': '192.0.2.1' },
      });
    }

    const statuses = [];
    for (let i = 0; i < LIMIT; i += 1) {
      statuses.push((await present(`glpat-guess-${i}`)).status);
    }
    const over = await present('glpat-another');
    const good = await present(secret);

    expect(new Set(statuses)).to.deep.equal(new Set([401]));
    expect(over.status).to.equal(429);
    expect(over.body).to.deep.equal({ message: '429 Too Many Requests' });
    expect(Number(over.headers['retry-after'])).to.be.within(1, 900);
    expect(good.status).to.equal(200);
  });

  // One machine of an office or a cluster holds a wrong token and tries again and again, as kubelet
  // does. A ban of its address, or of the username, shuts out every machine that shares it, and an
  // attacker who knows a username stops a deployment at will. A good token is let in all the same.
  it('keeps no good token out, not even one whose username is being guessed at', async () => {
    const { login } = await newProjectAndToken(app);
    const neighbour = await newProjectAndToken(app);
    await guess(login.username, 3 * LIMIT);

    expect((await attempt(login)).status).to.equal(200);
    expect((await attempt(neighbour.login)).status).to.equal(200);
  });

  it('keeps no neighbour with a password out', async () => {
    const { login } = await newUser(app, { username: 'grace' });
    await guess('ada', 3 * LIMIT);

    expect((await attempt(login)).status).to.equal(200);
  });

  it('does not get a password looked at, once there were too many', async () => {
    const { login } = await newUser(app, { username: 'ada' });
    for (let i = 0; i < LIMIT; i += 1) {
      await attempt({ username: 'ada', secret: `guess ${i}` });
    }

    expect((await attempt(login)).status).to.equal(429);
    expect((await attempt(login, '192.0.2.2')).status).to.equal(200);
  });

  // Password spraying: one guess for each of many accounts, so that no account's count runs out.
  it('of many usernames is slowed down by address, and those who got in from there go on', async () => {
    const known = await newUser(app, { username: 'known' });
    const stranger = await newUser(app, { username: 'stranger' });
    await attempt(known.login);
    for (let i = 0; i < ADDRESS_LIMIT; i += 1) {
      await attempt({ username: `user-${i}`, secret: 'gldt-guess' });
    }

    expect((await attempt(stranger.login)).status).to.equal(429);
    expect((await attempt(known.login)).status).to.equal(200);
    expect((await attempt(stranger.login, '192.0.2.2')).status).to.equal(200);
  });

  // An attacker signs in to an account of their own between the guesses.
  it('gains nothing by signing in to an own account in between', async () => {
    const own = await newUser(app, { username: 'mallory' });
    await attempt(own.login);
    const statuses = [];
    for (let i = 0; i < ADDRESS_LIMIT + 10; i += 1) {
      statuses.push((await attempt({ username: `user-${i}`, secret: 'gldt-guess' })).status);
      await attempt(own.login);
    }

    expect(statuses.filter((status) => status === 401)).to.have.lengthOf(ADDRESS_LIMIT);
  }).timeout(60_000);

  it('is not forgotten when the owner of the account signs in at the same address', async () => {
    const { login } = await newUser(app, { username: 'ada' });
    await guess('ada', LIMIT - 1);

    const good = await attempt(login);
    const after = await guess('ada', LIMIT + 1);

    expect(good.status).to.equal(200);
    expect(after.filter((status) => status === 401).length).to.be.at.most(LIMIT);
    expect(after.at(-1)).to.equal(429);
  });

  it('by many at the same time counts each of them', async () => {
    await newUser(app, { username: 'ada' });

    const answers = await Promise.all(
      Array.from(
        { length: 3 * LIMIT },
        async (_, i) => await attempt({ username: 'ada', secret: `guess ${i}` }),
      ),
    );

    const looked = answers.filter(({ status }) => status === 401);
    expect(looked).to.have.lengthOf(LIMIT);
  });

  it('counts a POST and the GET that a client sends after it as one', async () => {
    const project = await newProject(app);
    const scopes = [`repository:${project.path}:pull`];
    const statuses = [];
    for (let i = 0; i < LIMIT; i += 1) {
      const login = { username: 'deploy-token-1', secret: `gldt-guess-${i}` };
      statuses.push((await askByPost(app.origin, { login, scopes })).status);
      statuses.push((await askByGet(app.origin, { login, scopes })).status);
    }
    const over = await ask(app.origin, 'POST', {
      login: { username: 'deploy-token-1', secret: 'gldt-guess' },
      scopes,
    });

    expect(new Set(statuses)).to.deep.equal(new Set([401]));
    expect(over.status).to.equal(429);
  });

  it('is not what a machine does whose token ran out: it is told the same each time', async () => {
    const project = await newProject(app);
    const { login } = await newDeployToken(app, project, {
      expiresAt: new Date('2025-11-01T00:00:00Z'),
    });

    const statuses = [];
    for (let i = 0; i < 3 * LIMIT; i += 1) {
      statuses.push((await attempt(login)).status);
    }

    expect(new Set(statuses)).to.deep.equal(new Set([401]));
  });

  // X-Forwarded-For is the client's to write, up to the first proxy that is trusted.
  it('gets no new count by an address that the guesser made up', async () => {
    const statuses = [];
    for (let i = 0; i < LIMIT + 1; i += 1) {
      const login = { username: 'deploy-token-1', secret: `gldt-guess-${i}` };
      statuses.push((await attempt(login, `198.51.100.${i}, 192.0.2.1`)).status);
    }

    expect(statuses.at(-1)).to.equal(429);
  });

  it('gets no new count by another address of the same IPv6 network', async () => {
    const statuses = [];
    for (let i = 0; i < LIMIT + 1; i += 1) {
      const login = { username: 'deploy-token-1', secret: `gldt-guess-${i}` };
      statuses.push((await attempt(login, `2001:db8::${i}:1`)).status);
    }
    const elsewhere = await guess('deploy-token-1', 1, '2001:db8:0:1::1');

    expect(statuses.at(-1)).to.equal(429);
    expect(elsewhere).to.deep.equal([401]);
  });
});
