import { expect } from 'chai';
import type { AccessTokenScope } from '../../src/access/access-token.js';
import { OPERATOR } from '../../src/access/actor.js';
import { VISIBILITIES, type Project } from '../../src/access/project.js';
import { ROLES } from '../../src/access/role.js';
import { Secret } from '../../src/credentials.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { removeMember } from '../../src/services/members.js';
import { removeProject } from '../../src/services/project-removal.js';
import { setArchived, setVisibility } from '../../src/services/project-settings.js';
import { setBlocked, setPassword } from '../../src/services/users.js';
import { passwords } from '../support/passwords.js';
import { startApp, type TestApp } from '../support/start-app.js';
import {
  ask,
  askByGet,
  askByPost,
  basic,
  decodeAccess,
  decodeClaims,
  errorOf,
  FORM,
  grantedBy,
  METHODS,
  PATHS,
  repository,
  send,
  SERVICE,
  tokenAnswer,
  type Answer,
  type Login,
  type Method,
} from '../support/token-client.js';
import {
  giveRole,
  newAccessToken,
  newDeployToken,
  newMember,
  newProject,
  newProjectAndToken,
  newUser,
  requestLine,
} from './app-data.js';

const NOON = new Date('2031-05-01T12:00:00Z');
const MIDNIGHT = new Date('2031-05-02T00:00:00Z');
const EVERY_ACTION = 'pull,push,delete,*';

/** Of those that `refusedLogins` makes, who hears why. */
const TOLD: Readonly<Record<string, string>> = {
  wrongUsername: 'the username is not that of this deploy token',
  wrongCase: 'the username is not that of this deploy token',
  revoked: 'this deploy token was revoked on 2031-05-01',
  expired: 'this deploy token expired on 2031-05-01',
  removedProject: 'this deploy token was revoked on 2031-05-01',
  expiredAccessToken: 'this personal access token expired on 2031-05-01',
};

describe('token endpoint', () => {
  let app: TestApp;
  let now: Date;

  before(async () => {
    now = NOON;
    app = await startApp({ now: () => now });
  });

  after(async () => {
    await app.stop();
  });

  beforeEach(() => {
    now = NOON;
  });

  for (const path of PATHS) {
    for (const method of METHODS) {
      describe(`${method} ${path}`, () => {
        it('answers good credentials with a token in both fields, its life and its date', async () => {
          const { project, login } = await newProjectAndToken(app);

          const answer = await ask(app.origin, method, {
            path,
            login,
            scopes: [`repository:${project.path}:pull`],
          });

          const { token, ...rest } = tokenAnswer(method, answer);
          expect(answer.status).to.equal(200);
          expect(decodeAccess(token)).to.deep.equal([repository(project.path, 'pull')]);
          expect(rest).to.deep.equal({
            access_token: token,
            expires_in: 300,
            issued_at: '2031-05-01T12:00:00.000Z',
            ...(method === 'POST' && { scope: `repository:${project.path}:pull` }),
          });
        });

        // Clients send their credentials to wherever they are sent next. A redirect of the token
        // endpoint to another host would carry the secret there, or lose it and loop; a cache on
        // the way would hand one caller's JWT to another. There is neither a redirect nor anything
        // to store.
        it('answers with JSON that nobody may store, without a cookie or a redirect', async () => {
          const { login } = await newProjectAndToken(app);

          const { headers } = await ask(app.origin, method, { path, login });

          expect(headers['content-type']).to.equal('application/json; charset=utf-8');
          expect(headers['cache-control']).to.equal('no-store');
          expect(headers).not.to.have.any.keys('set-cookie', 'location', 'www-authenticate');
        });

        // A refresh token is a second secret that outlives the first: docker stores it in place of
        // the password and sends it for ever after. Whoever once held a deploy token would keep
        // access after its revocation. So none is issued, however a client asks.
        it('issues no refresh token, even when asked to', async () => {
          const { login } = await newProjectAndToken(app);

          const answer = await ask(app.origin, method, {
            path,
            login,
            more: { offline_token: 'true', access_type: 'offline', account: 'me' },
          });

          expect(answer.status).to.equal(200);
          expect(answer.text).not.to.contain('refresh_token');
        });

        it('lets somebody log in who asks for no scope, with a token for nothing', async () => {
          const { login } = await newProjectAndToken(app);

          const answer = await ask(app.origin, method, { path, login });

          expect(answer.status).to.equal(200);
          expect(grantedBy(answer)).to.deep.equal([]);
        });

        it('grants several scopes that stand in one parameter, and merges duplicates', async () => {
          const mine = await newProject(app);
          const theirs = await newProject(app, { visibility: 'public' });
          const { login } = await newMember(app, mine, 'developer');
          const pull = `repository:${mine.path}:pull`;

          const answer = await ask(app.origin, method, {
            path,
            login,
            scopes: [
              `${pull} repository:${theirs.path}:pull  ${pull} repository:${mine.path}:push,pull`,
            ],
          });

          expect(grantedBy(answer)).to.deep.equal([
            repository(mine.path, 'pull', 'push'),
            repository(theirs.path, 'pull'),
          ]);
        });

        it('grants several scopes that stand in parameters of their own', async () => {
          const mine = await newProject(app);
          const theirs = await newProject(app, { visibility: 'public' });
          const { login } = await newMember(app, mine, 'developer');

          const answer = await askRepeating(path, method, login, [
            `repository:${mine.path}:push`,
            `repository:${theirs.path}:pull`,
            `repository:${mine.path}:pull`,
          ]);

          expect(grantedBy(answer)).to.deep.equal([
            repository(mine.path, 'push', 'pull'),
            repository(theirs.path, 'pull'),
          ]);
        });

        it('ignores malformed and unknown scopes and grants the others', async () => {
          const { project, login } = await newProjectAndToken(app);

          const answer = await ask(app.origin, method, {
            path,
            login,
            scopes: [
              'junk',
              'repository::pull',
              `repository:${project.path}`,
              `repository:${project.path}:`,
              `repository:${project.path}:PULL`,
              `repository:${project.path.toUpperCase()}:pull`,
              `repository:${project.path}/../other:pull`,
              `repository:${project.path}/:pull`,
              `repository:${project.path}/*:pull`,
              `repository:registry.test:5000/${project.path}:pull`,
              'plugin:tanuki/app:pull',
              'registry:catalog:*',
              `repository:${project.path}:pull`,
            ],
          });

          expect(answer.status).to.equal(200);
          expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
        });

        // Harbor's clients ask for `metadata_read`, and some join an empty list.
        for (const actions of ['pull,metadata_read', 'pull,PULL', 'pull,', ',pull', 'pull,pull2']) {
          it(`drops what nobody knows of ${actions}, and grants the rest`, async () => {
            const { project, login } = await newProjectAndToken(app);

            const answer = await ask(app.origin, method, {
              path,
              login,
              scopes: [`repository:${project.path}:${actions}`],
            });

            expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
          });
        }

        it('drops the class of a scope, which the registry would not match', async () => {
          const { project, login } = await newProjectAndToken(app);

          const answer = await ask(app.origin, method, {
            path,
            login,
            scopes: [`repository(plugin):${project.path}:pull`],
          });

          expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
        });

        // The holder of a read-only token edits the scope in the request: push, delete, `*`, an
        // action that nobody knows. A token server that answers with what was asked, or with all
        // that the caller holds, gives write access away. Only what was asked for and may be had
        // goes into the JWT.
        it('narrows whatever a deploy token asks for to pull', async () => {
          const { project, login } = await newProjectAndToken(app);

          const answer = await ask(app.origin, method, {
            path,
            login,
            scopes: [`repository:${project.path}:${EVERY_ACTION},purge`, 'registry:catalog:*'],
          });

          expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
        });

        // The audience of a JWT says which registry takes it. A server that copies it from the
        // request lets a token for the small registry be turned into a JWT for any other that
        // trusts the same keys. The service must be the configured one, and the audience is never
        // the client's word.
        it('refuses another service than the registry, and signs nothing for it', async () => {
          const { login } = await newProjectAndToken(app);

          const answer = await ask(app.origin, method, { path, login, service: 'other.test' });

          expect(answer.status).to.equal(400);
          expect(errorOf(answer).message).to.contain(SERVICE).and.not.contain('other.test');
        });

        it('refuses a request without a service', async () => {
          const { login } = await newProjectAndToken(app);

          const answer = await sendForm(path, method, login, 'service=');

          expect(answer.status).to.equal(400);
          expect(errorOf(answer).message).to.contain('service');
        });

        it('takes a service that is given twice for one, which a realm with a query makes of it', async () => {
          const { login } = await newProjectAndToken(app);
          const twice = `service=${SERVICE}&service=${SERVICE}`;

          const answer = await sendForm(path, method, login, twice);
          const slashed = await sendForm(`${path}/`, method, login, twice);

          expect([answer.status, slashed.status]).to.deep.equal([200, 200]);
        });

        it('refuses two services, also where one is the right one', async () => {
          const { login } = await newProjectAndToken(app);

          const answer = await sendForm(path, method, login, `service=${SERVICE}&service=other`);

          expect(answer.status).to.equal(400);
          expect(errorOf(answer).message).to.contain('service');
        });

        // An attacker tries names and looks for a difference: another text, status, header or
        // length for a user who exists, an account that is blocked, a token that is nearly right.
        // Each difference says which half of the guess was right. Every refusal of whoever has no
        // genuine token is the same, byte for byte.
        it('answers everybody it does not let in with the same bytes', async () => {
          const logins = await refusedLogins();

          const answers = await Promise.all(
            Object.entries(logins)
              .filter(([who]) => !(who in TOLD))
              .map(async ([, login]) => await ask(app.origin, method, { path, login })),
          );

          const [first] = answers;
          expect(first && errorOf(first).code).to.equal('UNAUTHORIZED');
          expect(new Set(answers.map(({ status, phrase }) => `${status} ${phrase}`))).to.deep.equal(
            new Set(['401 Unauthorized']),
          );
          expect(new Set(answers.map(({ text }) => text)).size).to.equal(1);
          expect(new Set(answers.map(stableHeaders)).size).to.equal(1);
        });

        // containerd throws the body away: what Kubernetes shows of a pull that was refused is the
        // status line. Both say the same, to nobody but the holder of the very token, and without a
        // name in it.
        it('tells the holder of a genuine token what is wrong, in the status line too', async () => {
          const logins = await refusedLogins();

          for (const [who, reason] of Object.entries(TOLD)) {
            const answer = await ask(app.origin, method, { path, login: logins[who] ?? null });

            expect(answer.phrase, who).to.equal(`Unauthorized (Pullgate: ${reason})`);
            expect(answer.status).to.equal(401);
            expect(errorOf(answer).code).to.equal('UNAUTHORIZED');
            expect(errorOf(answer).message.toLowerCase()).to.contain(reason.toLowerCase());
          }
        });

        it('tells a deploy token without read_registry what it lacks', async () => {
          const project = await newProject(app);
          const { login } = await newDeployToken(app, project, { scopes: ['read_repository'] });

          const answer = await ask(app.origin, method, { path, login });

          expect(answer.status).to.equal(401);
          expect(answer.phrase).to.equal(
            'Unauthorized (Pullgate: this deploy token has no read_registry scope)',
          );
          expect(errorOf(answer).message).to.contain('read_registry');
          const line = await requestLine(app, answer.headers['x-request-id']);
          expect(line).to.include({ refusal: 'scope_missing' });
        });
      });
    }

    describe(`GET ${path} without credentials`, () => {
      it('gives anybody pull, and no more, of a public project', async () => {
        const project = await newProject(app, { visibility: 'public' });

        const answer = await askByGet(app.origin, {
          path,
          scopes: [`repository:${project.path}:${EVERY_ACTION}`],
        });

        expect(answer.status).to.equal(200);
        expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
      });

      // An outsider asks for projects by likely names. If one that exists and is hidden is answered
      // otherwise than one that does not, the list of a company's secret projects is a dictionary
      // away. Both are an empty grant, in the same bytes but for the JWT.
      it('answers alike for a private project and one that does not exist', async () => {
        const project = await newProject(app);
        const unknownPath = project.path.replace('project', 'nothing');
        const scopes = [project.path, unknownPath].map(pullOf);

        const [existing, unknown] = await Promise.all(
          scopes.map(async (scope) => await askByGet(app.origin, { path, scopes: [scope] })),
        );

        expect(existing && withoutToken(existing)).to.deep.equal(unknown && withoutToken(unknown));
        expect(existing?.status).to.equal(200);
        expect(existing && grantedBy(existing)).to.deep.equal([]);
      });

      it('refuses to log nobody in: a request without a scope', async () => {
        const answer = await askByGet(app.origin, { path });

        expect(answer.status).to.equal(401);
        expect(errorOf(answer).code).to.equal('UNAUTHORIZED');
      });

      it('takes a scope without a value for none', async () => {
        for (const empty of ['', '+', '&scope=']) {
          const target = `${path}?service=${SERVICE}&scope=${empty}`;

          const answer = await send(app.origin, { method: 'GET', target });

          expect(answer.status).to.equal(401);
        }
      });

      it('never takes the account for a proof of who is asking', async () => {
        const project = await newProject(app);
        const { user } = await newMember(app, project, 'owner');

        const answer = await askByGet(app.origin, {
          path,
          scopes: [`repository:${project.path}:pull`],
          more: { account: user.username },
        });

        expect(grantedBy(answer)).to.deep.equal([]);
      });
    });

    describe(`other methods on ${path}`, () => {
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        it(`says which methods there are to a ${method}`, async () => {
          const answer = await send(app.origin, { method, target: `${path}?service=${SERVICE}` });

          expect(answer.status).to.equal(405);
          expect(answer.headers.allow).to.equal('GET, POST');
          expect(errorOf(answer).code).to.equal('UNSUPPORTED');
        });
      }

      it('answers a HEAD like a GET, without the body', async () => {
        const { login } = await newProjectAndToken(app);
        const target = `${path}?service=${SERVICE}`;
        const headers = { authorization: basic(login) };

        const head = await send(app.origin, { method: 'HEAD', target, headers });

        const get = await send(app.origin, { method: 'GET', target, headers });
        expect(head.text).to.equal('');
        expect(head.status).to.equal(200);
        expect(stableHeaders(head)).to.equal(stableHeaders(get));
      });

      it('refuses a HEAD with wrong credentials', async () => {
        const answer = await send(app.origin, {
          method: 'HEAD',
          target: `${path}?service=${SERVICE}`,
          headers: { authorization: basic({ username: 'nobody', secret: 'nothing' }) },
        });

        expect(answer.status).to.equal(401);
      });
    });
  }

  describe('registry token', () => {
    it('says who it is for, who made it and when it begins and ends', async () => {
      const { token, login } = await newProjectAndToken(app);

      const answer = await askByGet(app.origin, { login });

      const { jti, ...claims } = decodeClaims(tokenAnswer('GET', answer).token);
      const seconds = NOON.getTime() / 1000;
      expect(jti).to.match(/^[0-9a-f-]{36}$/);
      expect(claims).to.deep.equal({
        iss: 'pullgate',
        aud: SERVICE,
        sub: `deploy-token:${token.id}`,
        iat: seconds,
        nbf: seconds - 10,
        exp: seconds + 300,
        access: [],
      });
    });

    it('is another one for each token', async () => {
      const { project, login } = await newProjectAndToken(app);
      const { login: other } = await newDeployToken(app, project);

      const first = tokenAnswer('GET', await askByGet(app.origin, { login }));
      const second = tokenAnswer('GET', await askByGet(app.origin, { login: other }));

      expect(decodeClaims(first.token).jti).not.to.equal(decodeClaims(second.token).jti);
    });

    it('names a user as registered, however the username was typed', async () => {
      const { login } = await newUser(app, { username: 'Grace.Hopper' });

      const answer = await askByGet(app.origin, {
        login: { ...login, username: 'gRACE.hOPPER' },
      });

      expect(subjectOf(answer)).to.equal('Grace.Hopper');
    });

    it('never names a deploy token like a user, even one with the same username', async () => {
      const username = 'robot-and-user';
      const { token, login } = await newDeployToken(app, await newProject(app), { username });
      // Nobody gets such a name any more; a database of before may have both.
      await app.service.store.users.add({
        username,
        displayName: username,
        passwordHash: null,
        isAdmin: false,
        createdAt: new Date(0),
      });

      const answer = await askByGet(app.origin, { login });

      expect(subjectOf(answer)).to.equal(`deploy-token:${token.id}`);
    });

    it('names nobody for nobody', async () => {
      const answer = await askByGet(app.origin, { scopes: ['repository:tanuki/none:pull'] });

      expect(subjectOf(answer)).to.equal('');
    });
  });

  describe('deploy token at the registry', () => {
    it('reaches every repository under its project', async () => {
      const { project, login } = await newProjectAndToken(app);
      const names = [project.path, `${project.path}/api`, `${project.path}/a/b/c/d`];

      const answer = await askByGet(app.origin, { login, scopes: names.map(pullOf) });

      expect(grantedBy(answer)).to.deep.equal(names.map((name) => repository(name, 'pull')));
    });

    it('is refused what only starts like its project', async () => {
      // kubelet compares plain prefixes, so it does present the secret of tanuki/awesome_project for
      // an image of tanuki/awesome_project-evil. Comparing the same way here would let whoever makes
      // that project be pulled from, or read another's.
      const project = await newProject(app, { path: 'tanuki/awesome_project' });
      const evil = await newProject(app, { path: 'tanuki/awesome_project-evil' });
      const { login } = await newDeployToken(app, project);
      const names = [
        evil.path,
        `${evil.path}/api`,
        'tanuki/awesome_project2',
        'tanuki/awesome',
        'tanuki',
      ];

      const answer = await askByGet(app.origin, { login, scopes: names.map(pullOf) });

      expect(answer.status).to.equal(200);
      expect(grantedBy(answer)).to.deep.equal([]);
    });

    it('reaches the lower-case repositories of a project with upper-case letters', async () => {
      const project = await newProject(app, { path: 'Tanuki/Upper_Case' });
      const { login } = await newDeployToken(app, project);

      const answer = await askByGet(app.origin, {
        login,
        scopes: ['Tanuki/Upper_Case', 'tanuki/upper_case'].map(pullOf),
      });

      expect(grantedBy(answer)).to.deep.equal([repository('tanuki/upper_case', 'pull')]);
    });

    it('may pull from another project just where anybody may', async () => {
      const { login } = await newProjectAndToken(app);
      const others = await Promise.all(
        VISIBILITIES.map(async (visibility) => await newProject(app, { visibility })),
      );

      const answer = await askByGet(app.origin, {
        login,
        scopes: others.map(({ path }) => pullOf(path)),
      });

      const open = others.filter(({ visibility }) => visibility === 'public');
      expect(grantedBy(answer)).to.deep.equal(open.map(({ path }) => repository(path, 'pull')));
    });

    it('is refused from the very next request after it was revoked', async () => {
      const { token, login } = await newProjectAndToken(app);
      const earlier = await askByGet(app.origin, { login });

      await revokeDeployToken({ store: app.service.store, now: () => now }, OPERATOR, token.id);
      const later = await askByGet(app.origin, { login });

      expect(earlier.status).to.equal(200);
      expect(later.status).to.equal(401);
    });

    it('dies with its project', async () => {
      const { project, login } = await newProjectAndToken(app);

      await removeProject({ store: app.service.store, now: () => now }, OPERATOR, project);
      const answer = await askByGet(app.origin, { login, scopes: [pullOf(project.path)] });

      expect(answer.status).to.equal(401);
    });

    it('still pulls from an archived project', async () => {
      const { project, login } = await newProjectAndToken(app);
      await archive(project);

      const answer = await askByGet(app.origin, { login, scopes: [pullOf(project.path)] });

      expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
    });

    it('counts until the last moment before 00:00 UTC of its expiry date', async () => {
      const { login } = await newDeployToken(app, await newProject(app), { expiresAt: MIDNIGHT });

      const statuses: number[] = [];
      for (const millisecondsLeft of [1000, 1, 0]) {
        now = new Date(MIDNIGHT.getTime() - millisecondsLeft);
        statuses.push((await askByGet(app.origin, { login })).status);
      }

      expect(statuses).to.deep.equal([200, 200, 401]);
    });

    for (const { left, expiresIn } of [
      { left: 301, expiresIn: 300 },
      { left: 90, expiresIn: 90 },
      { left: 30, expiresIn: 60 },
      { left: 1, expiresIn: 60 },
    ]) {
      it(`gets nothing that outlives it: ${left} s before its end, expires_in ${expiresIn}`, async () => {
        const { login } = await newDeployToken(app, await newProject(app), { expiresAt: MIDNIGHT });
        now = new Date(MIDNIGHT.getTime() - left * 1000);

        const answer = tokenAnswer('GET', await askByGet(app.origin, { login }));

        const { exp, iat } = decodeClaims(answer.token);
        expect(exp).to.equal(iat + Math.min(left, 300));
        expect(exp * 1000).to.be.at.most(MIDNIGHT.getTime());
        expect(answer.expires_in).to.equal(expiresIn);
      });
    }

    it('gets whole seconds only, in the middle of one too', async () => {
      const { login } = await newDeployToken(app, await newProject(app), { expiresAt: MIDNIGHT });
      now = new Date(MIDNIGHT.getTime() - 89_500);

      const answer = tokenAnswer('GET', await askByGet(app.origin, { login }));

      expect(answer.issued_at).to.equal('2031-05-01T23:58:30.000Z');
      expect(decodeClaims(answer.token).exp * 1000).to.equal(MIDNIGHT.getTime());
    });
  });

  describe('people at the registry', () => {
    const granted: Readonly<Record<string, readonly [string, string, string]>> = {
      'a signed-in non-member': ['', 'pull', 'pull'],
      'a guest': ['', 'pull', 'pull'],
      'a reporter': ['pull', 'pull', 'pull'],
      'a developer': ['pull,push', 'pull,push', 'pull,push'],
      'a maintainer': [EVERY_ACTION, EVERY_ACTION, EVERY_ACTION],
      'an owner': [EVERY_ACTION, EVERY_ACTION, EVERY_ACTION],
      'an admin': [EVERY_ACTION, EVERY_ACTION, EVERY_ACTION],
    };

    for (const [who, byVisibility] of Object.entries(granted)) {
      it(`gives ${who} what the table of permissions says`, async () => {
        const { user, login } = await newUser(app, { isAdmin: who === 'an admin' });
        const projects = await Promise.all(
          VISIBILITIES.map(async (visibility) => await newProject(app, { visibility })),
        );
        const role = ROLES.find((name) => who.endsWith(` ${name}`));
        for (const project of role === undefined ? [] : projects) {
          await giveRole(app, project, user, role ?? 'guest');
        }

        const answer = await askByPost(app.origin, {
          login,
          scopes: projects.map(({ path }) => `repository:${path}:${EVERY_ACTION}`),
        });

        const expected = projects.map(({ path }, i) =>
          repository(path, ...(byVisibility[i] ?? '').split(',').filter((action) => action !== '')),
        );
        expect(grantedBy(answer)).to.deep.equal(
          expected.filter(({ actions }) => actions.length > 0),
        );
      });
    }

    // The catalogue of a registry lists the repositories of everybody, whatever may be pulled. With
    // it the holder of one small token learns what every other team builds and how it is called. It
    // takes an administrator; no deploy token ever gets it.
    it('lists the catalogue for admins alone', async () => {
      const admin = await newUser(app, { isAdmin: true });
      const owner = await newMember(app, await newProject(app), 'owner');
      const scopes = ['registry:catalog:*'];

      const toAdmin = await askByGet(app.origin, { login: admin.login, scopes });
      const toOwner = await askByGet(app.origin, { login: owner.login, scopes });

      expect(grantedBy(toAdmin)).to.deep.equal([
        { type: 'registry', name: 'catalog', actions: ['*'] },
      ]);
      expect(grantedBy(toOwner)).to.deep.equal([]);
    });

    it('takes push away from the next request on when the role is lost', async () => {
      const project = await newProject(app, { visibility: 'internal' });
      const { user, login } = await newMember(app, project, 'developer');
      const scopes = [`repository:${project.path}:pull,push`];
      const { store } = app.service;

      const asDeveloper = await askByGet(app.origin, { login, scopes });
      await giveRole(app, project, user, 'reporter');
      const asReporter = await askByGet(app.origin, { login, scopes });
      await removeMember({ store, now: () => NOON }, OPERATOR, project, user);
      const asNobody = await askByGet(app.origin, { login, scopes });

      expect(grantedBy(asDeveloper)).to.deep.equal([repository(project.path, 'pull', 'push')]);
      expect(grantedBy(asReporter)).to.deep.equal([repository(project.path, 'pull')]);
      expect(grantedBy(asNobody)).to.deep.equal([repository(project.path, 'pull')]);
    });

    it('takes pull away from the next request on when a project turns private', async () => {
      const project = await newProject(app, { visibility: 'public' });
      const scopes = [pullOf(project.path)];

      const earlier = await askByGet(app.origin, { scopes });
      await setVisibility(
        { store: app.service.store, now: () => NOON },
        OPERATOR,
        project,
        'private',
      );
      const later = await askByGet(app.origin, { scopes });

      expect(grantedBy(earlier)).to.deep.equal([repository(project.path, 'pull')]);
      expect(grantedBy(later)).to.deep.equal([]);
    });

    it('lets nobody write to an archived project, the owner and admins included', async () => {
      const project = await newProject(app);
      const owner = await newMember(app, project, 'owner');
      const admin = await newUser(app, { isAdmin: true });
      await archive(project);
      const scopes = [`repository:${project.path}:${EVERY_ACTION}`];

      const toOwner = await askByGet(app.origin, { login: owner.login, scopes });
      const toAdmin = await askByGet(app.origin, { login: admin.login, scopes });

      expect(grantedBy(toOwner)).to.deep.equal([repository(project.path, 'pull')]);
      expect(grantedBy(toAdmin)).to.deep.equal([repository(project.path, 'pull')]);
    });

    it('gives nothing of a removed project to those who were its members', async () => {
      const project = await newProject(app);
      const { login } = await newMember(app, project, 'owner');
      await removeProject({ store: app.service.store, now: () => now }, OPERATOR, project);

      const answer = await askByGet(app.origin, { login, scopes: [pullOf(project.path)] });

      expect(answer.status).to.equal(200);
      expect(grantedBy(answer)).to.deep.equal([]);
    });

    // Cut at the last colon, `ada:x:secret` is the user `ada:x`; cut at every one, the secret is
    // `x`. Where two programs on the way cut differently, one checks other credentials than the
    // other uses. The first colon parts the two, as RFC 7617 says, and a username cannot hold one.
    it('splits Basic credentials at the first colon, since a password may hold more', async () => {
      const { user } = await newUser(app);
      await setPassword(
        { store: app.service.store, now: () => now, tokenPrefix: 'gldt-', passwords },
        OPERATOR,
        user,
        new Secret(':pass:word+ & 100 % ünï:'),
      );
      const login = { username: user.username, secret: ':pass:word+ & 100 % ünï:' };

      const byGet = await askByGet(app.origin, { login });
      const byPost = await askByPost(app.origin, { login });

      expect([byGet.status, byPost.status]).to.deep.equal([200, 200]);
    });
  });

  describe('personal access token at the registry', () => {
    const granted: readonly (readonly [readonly AccessTokenScope[], readonly string[]])[] = [
      [['api'], ['pull', 'push']],
      [['read_registry'], ['pull']],
      [['write_registry'], ['push']],
      [
        ['read_registry', 'write_registry'],
        ['pull', 'push'],
      ],
    ];
    for (const [scopes, actions] of granted) {
      it(`gives a developer ${actions.join(' and ')} with ${scopes.join(' and ')}`, async () => {
        const project = await newProject(app);
        const { user } = await newMember(app, project, 'developer');
        const login = await newAccessToken(app, user, scopes);

        const answer = await askByGet(app.origin, {
          login,
          scopes: [`repository:${project.path}:${EVERY_ACTION}`],
        });

        expect(grantedBy(answer)).to.deep.equal([repository(project.path, ...actions)]);
        expect(subjectOf(answer)).to.equal(user.username);
      });
    }

    it('gives a reporter no push, whatever its scopes', async () => {
      const project = await newProject(app);
      const { user } = await newMember(app, project, 'reporter');
      const login = await newAccessToken(app, user, ['api', 'write_registry']);

      const answer = await askByGet(app.origin, {
        login,
        scopes: [`repository:${project.path}:pull,push`],
      });

      expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
    });

    it('is told what it lacks when it has no scope for the registry', async () => {
      const { user } = await newUser(app);
      const login = await newAccessToken(app, user, ['read_api', 'read_repository']);

      const answer = await askByGet(app.origin, { login });

      expect(answer.status).to.equal(401);
      expect(answer.phrase).to.contain('neither read_registry nor write_registry');
      expect(errorOf(answer).message).to.contain('read_registry');
    });

    it('gets nothing that outlives it', async () => {
      const { user } = await newUser(app);
      const login = await newAccessToken(app, user, ['api'], MIDNIGHT);
      now = new Date(MIDNIGHT.getTime() - 90_000);

      const answer = tokenAnswer('GET', await askByGet(app.origin, { login }));

      expect(decodeClaims(answer.token).exp * 1000).to.equal(MIDNIGHT.getTime());
      expect(answer.expires_in).to.equal(90);
    });
  });

  describe('the log of a refusal', () => {
    it('knows the reason, whether or not the caller is told', async () => {
      const logins = await refusedLogins();

      const reasons: Record<string, unknown> = {};
      for (const [what, login] of Object.entries(logins)) {
        const { headers } = await askByGet(app.origin, { login });
        reasons[what] = (await requestLine(app, headers['x-request-id']))['refusal'];
      }

      expect(reasons).to.deep.equal({
        unknownUser: 'unknown',
        wrongPassword: 'wrong_password',
        unknownToken: 'unknown',
        emptySecret: 'empty',
        emptyUsername: 'empty',
        wrongUsername: 'wrong_username',
        wrongCase: 'wrong_username',
        revoked: 'revoked',
        expired: 'expired',
        removedProject: 'revoked',
        blocked: 'blocked',
        blockedAccessToken: 'blocked',
        expiredAccessToken: 'expired',
      });
    });
  });

  /** One login for each way to be refused. */
  async function refusedLogins(): Promise<Record<string, Login>> {
    const deps = { store: app.service.store, now: () => now };
    const project = await newProject(app);
    const { user, login: password } = await newUser(app);
    const robot = `Robot-${project.id}`;
    const good = await newDeployToken(app, project, { username: robot });
    const revoked = await newDeployToken(app, project);
    await revokeDeployToken(deps, OPERATOR, revoked.token.id);
    const expired = await newDeployToken(app, project, {
      expiresAt: new Date('2031-05-01T00:00Z'),
    });
    const removed = await newProjectAndToken(app);
    await removeProject(deps, OPERATOR, removed.project);
    const blocked = await newUser(app);
    const blockedAccessToken = await newAccessToken(app, blocked.user, ['api']);
    await setBlocked(deps, OPERATOR, blocked.user, 'blocked');
    return {
      unknownUser: { username: 'nobody', secret: 'the password of nobody' },
      wrongPassword: { ...password, secret: 'not the password' },
      unknownToken: { username: robot, secret: 'gldt-unknown-unknown-unknown-unknown' },
      emptySecret: { ...password, secret: '' },
      emptyUsername: { ...good.login, username: '' },
      wrongUsername: { ...good.login, username: `${robot}2` },
      wrongCase: { ...good.login, username: robot.toLowerCase() },
      revoked: revoked.login,
      expired: expired.login,
      removedProject: removed.login,
      blocked: blocked.login,
      blockedAccessToken,
      expiredAccessToken: await newAccessToken(app, user, ['api'], new Date('2031-05-01T00:00Z')),
    };
  }

  /** `ask` joins scopes in a form, as the specification wants it; some clients repeat them. */
  async function askRepeating(
    path: string,
    method: Method,
    login: Login,
    scopes: readonly string[],
  ): Promise<Answer> {
    const parameters = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`);
    return await sendForm(path, method, login, [`service=${SERVICE}`, ...parameters].join('&'));
  }

  async function sendForm(
    path: string,
    method: Method,
    { username, secret }: Login,
    parameters: string,
  ): Promise<Answer> {
    return method === 'GET'
      ? await send(app.origin, {
          method,
          target: `${path}?${parameters}`,
          headers: { authorization: basic({ username, secret }) },
        })
      : await send(app.origin, {
          method,
          target: path,
          headers: { 'content-type': FORM },
          body: `grant_type=password&username=${username}&password=${secret}&${parameters}`,
        });
  }

  async function archive(project: Project): Promise<void> {
    const deps = { store: app.service.store, now: () => now };
    await setArchived(deps, OPERATOR, project, 'archived');
  }
});

function pullOf(name: string): string {
  return `repository:${name}:pull`;
}

function subjectOf(answer: Answer): string {
  return decodeClaims(tokenAnswer('GET', answer).token).sub;
}

/** The headers that must not differ between two answers, as one text. */
function stableHeaders({ headers }: Answer): string {
  const { date: _date, 'x-request-id': _id, ...others } = headers;
  return JSON.stringify(others);
}

/** Everything a caller can see of an answer but the token's random parts: its id and signature. */
function withoutToken(answer: Answer): unknown {
  const { token, access_token: _accessToken, ...body } = tokenAnswer('GET', answer);
  const { jti: _jti, ...claims } = decodeClaims(token);
  return { status: answer.status, headers: stableHeaders(answer), body, claims };
}
