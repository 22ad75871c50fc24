import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { Secret } from '../../src/credentials.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { createPasswords } from '../../src/services/passwords.js';
import { setPassword } from '../../src/services/users.js';
import { auditEventsOf } from '../support/rows.js';
import { passwords } from '../support/passwords.js';
import type { TestApp } from '../support/start-app.js';
import { webClient } from '../support/web-client.js';
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
      statuses.push((await attempt({ username, secret: `guess ${i}` }, address)).status);
    }
    return statuses;
  }

  async function visit(target: string, headers: Record<string, string>): Promise<Answer> {
    const forwarded = { 'x-forwarded-for': '192.0.2.1', ...headers };
    return await send(app.origin, { method: 'GET', target, headers: forwarded });
  }

  async function fetchRefs(login: Login): Promise<Answer> {
    return await visit('/tanuki/app.git/info/refs?service=git-upload-pack', {
      authorization: basic(login),
    });
  }

  async function askApi(token: string): Promise<Answer> {
    return await visit('/api/v4/user', { 'private-token': token });
  }

  // dulwich and others sleep as long as Retry-After says, without a word. The person sees a program that
  // hangs for a quarter of an hour. At git the wait is told in the sentence alone; docker and skopeo show
  // the sentence too, and read the header without obeying it.
  it('is asked to wait after ten wrong passwords of one username, in the words of each door', async () => {
    const statuses = await guess('ada', LIMIT + 1);
    const atRegistry = await attempt({ username: 'ada', secret: 'another' });
    const atGit = await fetchRefs({ username: 'ada', secret: 'one more' });

    expect(statuses).to.deep.equal([...Array.from({ length: LIMIT }, () => 401), 429]);
    expect(Number(atRegistry.headers['retry-after'])).to.be.within(1, 900);
    const [error] = ErrorAnswer.parse(atRegistry.body).errors;
    expect(error.code).to.equal('TOOMANYREQUESTS');
    expect(error.message).to.match(/Try again in \d+ seconds/);
    expect(atGit.status).to.equal(429);
    expect(atGit.headers['content-type']).to.equal('text/plain; charset=utf-8');
    expect(atGit.headers).not.to.have.property('retry-after');
    expect(atGit.text).to.match(/^Too many wrong .* Try again in \d+ seconds.*\n$/);
    const line = await requestLine(app, atRegistry.headers['x-request-id']);
    expect(line['refusal']).to.equal('rate_limited');
  });

  // Ten wrong personal access tokens, and python-gitlab and Ansible slept for a quarter of an hour: they
  // obey the Retry-After of a 429 in silence. There is nothing to guess in 192 random bits, so the cause
  // is what they are told, each time.
  it('is not what wrong tokens are: the API says 401 to each of them', async () => {
    const { user } = await newUser(app);
    const { secret } = await newAccessToken(app, user, ['api']);

    const answers = [];
    for (let i = 0; i < 3 * LIMIT; i += 1) {
      answers.push(await askApi(`glpat-guess-${i}`), await askApi(`no token ${i}`));
    }

    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([401]));
    expect((await askApi(secret)).status).to.equal(200);
  });

  // A Deployment of 60 replicas, and its Secret holds a wrong token. After ten pulls it read 429, which
  // hides the cause; after a hundred the address's budget was used up, and a person there was refused
  // the right password at every door, the page too.
  it('is not what a Deployment with a wrong Secret does, nor does it keep a person there out', async () => {
    const { login } = await newUser(app, { username: 'ada' });
    const project = await newProject(app);
    const revoked = await newDeployToken(app, project);
    await revokeDeployToken(depsOf(app), OPERATOR, revoked.token.id);

    const statuses = [];
    for (let replica = 0; replica < 60; replica += 1) {
      const secret = `gldt-wrong-${replica % 12}`;
      statuses.push((await attempt({ username: 'deploy-token-1', secret })).status);
      statuses.push((await attempt({ username: 'ada', secret: 'glpat-wrong' })).status);
      statuses.push((await attempt(revoked.login)).status);
      statuses.push((await fetchRefs({ username: 'deploy-token-1', secret })).status);
    }
    const page = webClient(app.origin, { 'x-forwarded-for': '192.0.2.1' });

    expect(new Set(statuses)).to.deep.equal(new Set([401]));
    expect((await attempt(login)).status).to.equal(200);
    expect((await page.signIn(login.username, login.secret)).status).to.equal(303);
  });

  // A machine runs amok with wrong tokens, hundreds in a second. Whatever bounds them must not refuse the
  // right token of its neighbour: each is looked up, and only the refusal of a wrong one is held back.
  it('is not what a flood of wrong tokens is, which refuses no right one', async () => {
    const { login } = await newProjectAndToken(app);

    const wrong = Array.from(
      { length: 400 },
      async (_, i) => await attempt({ username: 'deploy-token-1', secret: `gldt-wrong-${i}` }),
    );
    const right = await attempt(login);
    const statuses = (await Promise.all(wrong)).map(({ status }) => status);

    expect(right.status).to.equal(200);
    expect(statuses).to.deep.equal(Array(400).fill(401));
  });

  // The password was changed, and a program still has the old one: `docker-compose pull` of 20 services
  // asks 20 times, a clone by libgit2 14 times. Each counted as a guess, and ada's new password was locked
  // out at every door. The same wrong secret is no new guess, at once or one after another.
  it('is not what a program does that repeats one old password, beside the new one', async () => {
    const { user, login } = await newUser(app, { username: 'ada' });
    const renewed = { username: 'ada', secret: 'a new password' };
    await setPassword(depsOf(app), OPERATOR, user, new Secret(renewed.secret));

    const compose = await Promise.all(Array.from({ length: 20 }, async () => await attempt(login)));
    const others = [];
    for (let request = 0; request < 28; request += 1) {
      others.push(await fetchRefs(login), await attempt(login));
    }
    const page = webClient(app.origin, { 'x-forwarded-for': '192.0.2.1' });

    const statuses = [...compose, ...others].map(({ status }) => status);
    expect(new Set(statuses)).to.deep.equal(new Set([401]));
    expect((await attempt(renewed)).status).to.equal(200);
    expect((await fetchRefs(renewed)).status).to.equal(404);
    expect((await page.signIn('ada', renewed.secret)).status).to.equal(303);
    // The one old password is one guess, so nine others are left.
    expect((await guess('ada', LIMIT)).indexOf(429)).to.equal(LIMIT - 1);
  });

  // A wrong password is remembered, so that its repetition is refused at no cost. Then it is what the
  // password is changed to, here or on another replica. What is remembered is bound to the password that
  // it was compared with, and so forgotten.
  it('is forgotten when the password becomes what was wrong before', async () => {
    const { user } = await newUser(app, { username: 'ada' });
    const later = { username: 'ada', secret: 'the next password' };
    const before = [await attempt(later), await attempt(later)];

    await setPassword(depsOf(app), OPERATOR, user, new Secret(later.secret));

    expect(before.map(({ status }) => status)).to.deep.equal([401, 401]);
    expect((await attempt(later)).status).to.equal(200);
  });

  // Whoever repeats one wrong password at the page is refused without argon2, as often as they like. If
  // each of these left an audit event, a stranger would fill the database, which the count prevented
  // before. The first one leaves an event; the log has a line for each.
  it('at the page leaves one audit event for one wrong password, however often it comes', async () => {
    await newUser(app, { username: 'ada' });
    const page = webClient(app.origin);
    await page.get('/users/sign_in');

    for (let i = 0; i < 2 * LIMIT; i += 1) {
      const refused = await page.submit('/users/sign_in', { username: 'ada', password: 'wrong' });
      expect(refused.status).to.equal(422);
    }

    const events = await auditEventsOf(app.service.store, null);
    expect(events.filter(({ action }) => action === 'sign_in_refused')).to.have.lengthOf(1);
  });

  // Nine wrong ones were told, one is left. Thirty others come at the same moment as five pulls with the
  // right password, each of which was counted before it was looked at: the second was refused. Now they
  // wait for each other, and the guesser gets no more than the one.
  it('is counted when it is known to be one, and no more of them are let through than are left', async () => {
    const { user } = await newUser(app, { username: 'ada' });
    const login = { username: 'ada', secret: 'takes its time to compare' };
    const slow = { ...depsOf(app), passwords: createPasswords() };
    await setPassword(slow, OPERATOR, user, new Secret(login.secret));
    await guess('ada', LIMIT - 1);

    const right = Array.from({ length: 5 }, async () => await attempt(login));
    const wrong = await Promise.all(
      Array.from(
        { length: 30 },
        async (_, i) => await attempt({ username: 'ada', secret: `other ${i}` }),
      ),
    );

    const statuses = (await Promise.all(right)).map(({ status }) => status);
    expect(statuses).to.deep.equal(Array(5).fill(200));
    expect(wrong.filter(({ status }) => status === 401)).to.have.lengthOf(1);
    expect(wrong.filter(({ status }) => status === 429)).to.have.lengthOf(29);
  });

  // A program that goes on with a wrong password was told 429 two hundred times, and each took one more
  // from the budget of the whole address: a colleague there was refused the right one.
  it('that was told to wait uses up nothing', async () => {
    const { login } = await newUser(app, { username: 'grace' });
    const statuses = await guess('ada', 2 * ADDRESS_LIMIT);

    expect(statuses.filter((status) => status === 401)).to.have.lengthOf(LIMIT);
    expect((await attempt(login)).status).to.equal(200);
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
      await attempt({ username: `user-${i}`, secret: 'guess' });
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
      statuses.push((await attempt({ username: `user-${i}`, secret: 'guess' })).status);
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
      const login = { username: 'ada', secret: `guess ${i}` };
      statuses.push((await askByPost(app.origin, { login, scopes })).status);
      statuses.push((await askByGet(app.origin, { login, scopes })).status);
    }
    const over = await ask(app.origin, 'POST', {
      login: { username: 'ada', secret: 'guess' },
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
      const login = { username: 'ada', secret: `guess ${i}` };
      statuses.push((await attempt(login, `198.51.100.${i}, 192.0.2.1`)).status);
    }

    expect(statuses.at(-1)).to.equal(429);
  });

  it('gets no new count by another address of the same IPv6 network', async () => {
    const statuses = [];
    for (let i = 0; i < LIMIT + 1; i += 1) {
      const login = { username: 'ada', secret: `guess ${i}` };
      statuses.push((await attempt(login, `2001:db8::${i}:1`)).status);
    }
    const elsewhere = await guess('ada', 1, '2001:db8:0:1::1');

    expect(statuses.at(-1)).to.equal(429);
    expect(elsewhere).to.deep.equal([401]);
  });

  // A customer of a provider has a /56 or a /48, hundreds of /64s or tens of thousands. Counted by /64
  // alone, spraying one password over all accounts had no end. The wider networks have budgets too,
  // larger ones, and a neighbour outside of them goes on.
  for (const [network, budget, addressOf] of [
    ['/56', 300, (i: number) => `2001:db8:0:${(i % 256).toString(16)}::1`],
    ['/48', 1000, (i: number) => `2001:db8:1:${((i * 256) % 65_536).toString(16)}::1`],
  ] as const) {
    it(`from all over an IPv6 ${network} is slowed down by that network too`, async () => {
      const statuses = [];
      for (let i = 0; i < budget + 1; i += 1) {
        const login = { username: `user-${i}`, secret: 'guess' };
        statuses.push((await attempt(login, addressOf(i))).status);
      }
      const elsewhere = await attempt({ username: 'ada', secret: 'guess' }, '2001:db8:2::1');

      expect(statuses.indexOf(429)).to.equal(budget);
      expect(elsewhere.status).to.equal(401);
    }).timeout(60_000);
  }

  // A gateway writes the client's port beside its address, or the address in another form. It was taken
  // for the proxy itself, so that a hundred guesses of one client behind it locked everybody's right
  // password out.
  for (const [form, write] of [
    ['with a port', (last: number) => `192.0.2.${last}:51234`],
    ['of IPv6 in brackets', (last: number) => `[2001:db8:0:${last}00::1]:443`],
    ['mapped, in capitals', (last: number) => `::FFFF:192.0.2.${last}`],
    ['after an empty hop', (last: number) => `, ,192.0.2.${last},`],
  ] as const) {
    it(`from behind a gateway is told apart by addresses ${form}`, async () => {
      const { login } = await newUser(app, { username: 'grace' });
      for (let i = 0; i < ADDRESS_LIMIT; i += 1) {
        await attempt({ username: `user-${i}`, secret: 'guess' }, write(1));
      }

      expect((await attempt({ username: 'ada', secret: 'guess' }, write(1))).status).to.equal(429);
      expect((await attempt(login, write(2))).status).to.equal(200);
    });
  }
});

function depsOf({ service }: TestApp): Parameters<typeof setPassword>[0] {
  return { store: service.store, now: () => new Date(), tokenPrefix: 'gldt-', passwords };
}
