import { rename } from 'node:fs/promises';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import type { Project } from '../../src/access/project.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { removeProject } from '../../src/services/project-removal.js';
import { setBlocked } from '../../src/services/users.js';
import {
  newAccessToken,
  newDeployToken,
  newMember,
  newUser,
  requestLine,
} from '../doors/app-data.js';
import {
  cloneUrl,
  fetchRequest,
  newGitClient,
  packetLine,
  type GitClient,
} from '../support/git-client.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { basic, send, type Answer, type Login } from '../support/token-client.js';
import { codeToken, projectWithCode } from './git-data.js';

const DENIED = 'Access denied: the username or the token is wrong, expired or revoked.';
const NOT_FOUND =
  'The project you were looking for could not be found, or you have no permission to see it.';
const NOT_SERVED = 'Only git fetch, clone and push over smart HTTP are served.';
const ADVERTISEMENT = 'info/refs?service=git-upload-pack';
const NOW = new Date('2026-06-15T12:00:00Z');

describe('refusals of the git door', () => {
  let app: TestApp;
  let client: GitClient;
  let project: Project;
  let repository: string;

  before(async () => {
    app = await startApp({ now: () => NOW });
    client = await newGitClient();
    ({ project, repository } = await projectWithCode(app));
  });

  after(async () => {
    await client.remove();
    await app.stop();
  });

  /** What a person sees who runs git with these credentials. */
  async function lsRemote(login: Login, path = `${project.path}.git`): Promise<string> {
    const { code, output } = await client.run(['ls-remote', cloneUrl(app.origin, path, login)]);
    expect(code).to.equal(128);
    expect(output).not.to.contain(login.secret);
    return output;
  }

  async function ask(
    target: string,
    { login = null, method = 'GET' }: { login?: Login | null; method?: string } = {},
  ): Promise<Answer> {
    return await send(app.origin, {
      method,
      target,
      headers: login === null ? {} : { authorization: basic(login) },
    });
  }

  async function wasRevoked(): Promise<Login> {
    const { token, login } = await newDeployToken(app, project, { scopes: ['read_repository'] });
    const deps = { store: app.service.store, now: () => new Date('2026-03-04T23:59:59Z') };
    await revokeDeployToken(deps, OPERATOR, token.id);
    return login;
  }

  async function hasExpired(): Promise<Login> {
    const { login } = await newDeployToken(app, project, {
      scopes: ['read_repository'],
      expiresAt: new Date('2026-01-01T00:00:00Z'),
    });
    return login;
  }

  describe('as git prints them', () => {
    it('tell the holder of an expired token the date', async () => {
      const output = await lsRemote(await hasExpired());

      expect(output).to.contain('remote: This deploy token expired on 2026-01-01.');
      expect(output).to.contain('Authentication failed');
    });

    it('tell the holder of a revoked token the date', async () => {
      const output = await lsRemote(await wasRevoked());

      expect(output).to.contain('remote: This deploy token was revoked on 2026-03-04.');
      expect(output).to.contain('Authentication failed');
    });

    const told: Readonly<Record<string, readonly [string, () => Promise<Login>]>> = {
      'an expired token': ['this deploy token expired on 2026-01-01', hasExpired],
      'a revoked token': ['this deploy token was revoked on 2026-03-04', wasRevoked],
      'an expired token with another username': [
        'the username is not that of this deploy token',
        async () => ({ ...(await hasExpired()), username: 'somebody' }),
      ],
      'a good token with another username': [
        'the username is not that of this deploy token',
        async () => ({ ...(await codeToken(app, project)), username: 'somebody' }),
      ],
      'an expired personal access token': [
        'this personal access token expired on 2026-01-01',
        async () => {
          const { user } = await newMember(app, project, 'developer');
          const expiresAt = new Date('2026-01-01T00:00:00Z');
          return await newAccessToken(app, user, ['read_repository'], expiresAt);
        },
      ],
    };
    for (const [who, [reason, makeLogin]] of Object.entries(told)) {
      it(`tell the holder of ${who} why, in the status line too`, async () => {
        const login = await makeLogin();

        const answer = await ask(`/${project.path}.git/${ADVERTISEMENT}`, { login });

        expect(answer.status).to.equal(401);
        expect(answer.phrase).to.equal(`Unauthorized (Pullgate: ${reason})`);
        expect(answer.text.toLowerCase()).to.contain(reason);
      });
    }

    const others: Readonly<Record<string, () => Promise<Login>>> = {
      'a wrong token': async () => ({ ...(await codeToken(app, project)), secret: 'gldt-wrong' }),
      'an unknown user': async () => await Promise.resolve({ username: 'x', secret: 'password' }),
      'a wrong password': async () => ({ ...(await newUser(app)).login, secret: 'password' }),
      'a good password and nobody': async () => ({ ...(await newUser(app)).login, username: '' }),
      'a blocked user': async () => {
        const { user, login } = await newMember(app, project, 'developer');
        const deps = { store: app.service.store, now: () => NOW };
        await setBlocked(deps, OPERATOR, user, 'blocked');
        return login;
      },
    };
    for (const [who, makeLogin] of Object.entries(others)) {
      it(`tell nothing to ${who}`, async () => {
        const login = await makeLogin();

        const answer = await ask(`/${project.path}.git/${ADVERTISEMENT}`, { login });

        expect(answer.status).to.equal(401);
        expect(answer.text).to.equal(`${DENIED}\n`);
        expect(answer.phrase).to.equal('Unauthorized');
        expect(answer.headers['www-authenticate']).to.match(/^Basic realm="[^"]+"/);
      });
    }

    it('print the one sentence about a wrong token', async () => {
      const login = { ...(await codeToken(app, project)), secret: 'gldt-wrong' };

      const output = await lsRemote(login);

      expect(output).to.contain(`remote: ${DENIED}`);
      expect(output).to.contain('Authentication failed');
    });

    it('name the scope that a deploy token lacks', async () => {
      const output = await lsRemote(await codeToken(app, project, ['read_registry']));

      expect(output).to.contain('remote: This deploy token has no read_repository scope.');
    });

    it('name the scope that a personal access token lacks', async () => {
      const { user } = await newMember(app, project, 'owner');

      const output = await lsRemote(await newAccessToken(app, user, ['read_registry']));

      expect(output).to.contain('remote: This personal access token has no read_repository scope.');
    });

    it('say that a deploy token only reads', async () => {
      await client.git(['clone', '--quiet', `file://${repository}`, 'pushing']);
      const address = cloneUrl(app.origin, project.path, await codeToken(app, project));

      const { code, output } = await client.run(['push', address, 'HEAD:refs/heads/x'], {
        in: 'pushing',
      });

      expect(code).to.equal(128);
      expect(output).to.contain('remote: A deploy token only reads: it cannot push.');
    });

    it('refuse a token together with its project when that is removed', async () => {
      const other = await projectWithCode(app);
      const login = await codeToken(app, other.project);
      const deps = { store: app.service.store, now: () => NOW };
      await removeProject(deps, OPERATOR, other.project);

      const output = await lsRemote(login, other.project.path);

      expect(output).to.contain('remote: This deploy token was revoked on 2026-06-15.');
    });

    it('log the reason that the caller is not told, and no secret', async () => {
      const login = { ...(await codeToken(app, project)), username: 'somebody' };

      const answer = await ask(`/${project.path}.git/${ADVERTISEMENT}`, { login });

      const line = await requestLine(app, answer.headers['x-request-id']);
      expect(line).to.include({ status: 401, refusal: 'wrong_username' });
      expect(app.log()).not.to.contain(login.secret);
      expect(app.log()).not.to.contain(Buffer.from(`:${login.secret}`).toString('base64').slice(4));
    });
  });

  describe('of a project that cannot be seen', () => {
    let hidden: string;
    let callers: Readonly<Record<string, Login | null>>;

    before(async () => {
      const other = await projectWithCode(app);
      hidden = other.project.path;
      callers = {
        'an anonymous caller': null,
        'a foreign deploy token': await codeToken(app, project),
        'a signed-in non-member': (await newMember(app, project, 'owner')).login,
        'a guest': (await newMember(app, other.project, 'guest')).login,
      };
    });

    const requests: readonly (readonly [method: string, file: string])[] = [
      ['GET', 'info/refs?service=git-upload-pack'],
      ['GET', 'info/refs?service=git-receive-pack'],
      ['POST', 'git-upload-pack'],
      ['POST', 'git-receive-pack'],
    ];
    const names = [
      'an anonymous caller',
      'a foreign deploy token',
      'a signed-in non-member',
      'a guest',
    ];
    for (const who of names) {
      for (const [method, file] of requests) {
        it(`look to ${who} as if it were missing or misspelt: ${method} ${file}`, async () => {
          const login = callers[who] ?? null;
          const [, name = ''] = hidden.split('/');
          const paths = [
            hidden,
            'tanuki/no_such_project',
            `${hidden}/below`,
            `${hidden}-`,
            name,
            `tanuki//${name}`,
            `tanuki/%2e%2e/${hidden}`,
            `tanuki/${name}%00`,
            'a'.repeat(300),
          ];

          const answers = await Promise.all(
            paths.flatMap((path) => [
              ask(`/${path}.git/${file}`, { login, method }),
              ask(`/${path}/${file}`, { login, method }),
            ]),
          );

          const [first, ...rest] = answers.map(comparable);
          expect(first?.status).to.equal(login === null ? 401 : 404);
          for (const answer of rest) {
            expect(answer).to.deep.equal(first);
          }
        });
      }
    }

    it('look the same to git itself', async () => {
      const login = await codeToken(app, project);

      const outputs = await Promise.all([
        lsRemote(login, hidden),
        lsRemote(login, 'tanuki/no_such_project'),
      ]);

      const [first, second] = outputs.map((output) => output.replaceAll(/'[^']*'/g, "''"));
      expect(first).to.contain(`remote: ${NOT_FOUND}`);
      expect(second).to.equal(first);
    });
  });

  describe('of what is not smart HTTP', () => {
    const requests: readonly (readonly [method: string, file: string])[] = [
      ['GET', 'info/refs'],
      ['GET', 'info/refs?'],
      ['GET', 'info/refs?service='],
      ['GET', 'info/refs?service=git-upload-archive'],
      ['GET', 'info/refs?service=upload-pack'],
      ['GET', 'info/refs?service=git-upload-pack%00'],
      ['GET', 'info/refs?service=git-upload-pack%0a'],
      ['GET', 'info/refs?service=GIT-UPLOAD-PACK'],
      ['GET', 'info/refs?service=git-upload-pack&service=git-upload-pack'],
      ['GET', 'info/refs?service=git-upload-pack&service=git-receive-pack'],
      ['GET', 'info/refs?service=git-receive-pack&service=git-upload-pack'],
      ['GET', 'info/refs?service=git-upload-pack&strict=0'],
      ['GET', 'info/refs?service=git-upload-pack?strict=0'],
      ['GET', 'info/refs?Service=git-upload-pack'],
      ['HEAD', 'info/refs?service=git-upload-pack'],
      ['POST', 'info/refs?service=git-upload-pack'],
      ['GET', 'git-upload-pack'],
      ['GET', 'git-receive-pack'],
      ['PUT', 'git-upload-pack'],
      ['POST', 'git-upload-pack?service=git-receive-pack'],
      ['POST', 'git-upload-archive'],
      ['GET', 'HEAD'],
      ['GET', 'objects/info/packs'],
      ['GET', 'objects/info/alternates'],
      ['GET', 'objects/info/http-alternates'],
      ['GET', `objects/ab/${'0'.repeat(38)}`],
      ['GET', `objects/pack/pack-${'0'.repeat(40)}.pack`],
      ['GET', `objects/pack/pack-${'0'.repeat(40)}.idx`],
    ];
    for (const [method, file] of requests) {
      // `git http-backend` serves plain files unless told otherwise: HEAD, objects, packs, past
      // every rule about references. It also turns pushing on as soon as a user is known. Nothing
      // but the smart protocol's three addresses is served, to anybody.
      it(`refuse ${method} ${file}, to whoever may clone too`, async () => {
        const login = await codeToken(app, project);

        const signedIn = await ask(`/${project.path}.git/${file}`, { login, method });
        const anonymous = await ask(`/${project.path}.git/${file}`, { method });
        const missing = await ask(`/tanuki/missing.git/${file}`, { method });

        expect([signedIn, anonymous, missing].map(({ status }) => status)).to.deep.equal([
          403, 403, 403,
        ]);
        expect(signedIn.headers['content-type']).to.equal('text/plain; charset=utf-8');
        expect(signedIn.text).to.equal(method === 'HEAD' ? '' : `${NOT_SERVED}\n`);
      });
    }

    const others = [
      'config',
      'description',
      'hooks/update',
      'logs/HEAD',
      'packed-refs',
      'refs/heads/main',
      'index',
    ];
    for (const file of others) {
      it(`serve no ${file} of the repository`, async () => {
        const login = await codeToken(app, project);

        const answer = await ask(`/${project.path}.git/${file}`, { login });

        expect(answer.status).to.be.oneOf([403, 404]);
      });
    }

    it('refuse git archive', async () => {
      const address = cloneUrl(app.origin, project.path, await codeToken(app, project));

      const { code, output } = await client.run(['archive', `--remote=${address}`, 'HEAD']);

      expect(code).not.to.equal(0);
      expect(output).not.to.contain('folder/');
    });
  });

  it('ask anonymous callers for Basic credentials', async () => {
    const answer = await ask(`/${project.path}.git/${ADVERTISEMENT}`);

    expect(answer.status).to.equal(401);
    expect(answer.headers['www-authenticate']).to.match(/^Basic realm="[^"]+"/);
    expect(answer.headers['cache-control']).to.equal('no-store');
    expect(answer.headers['content-type']).to.equal('text/plain; charset=utf-8');
  });

  for (const authorization of ['Bearer x', 'Basic', 'Basic %%%', 'Basic eDp5AA==', 'Digest x']) {
    it(`are a 401 for credentials that cannot be read, in a public project too: ${authorization}`, async () => {
      const { project: open } = await projectWithCode(app, { visibility: 'public' });

      const answer = await send(app.origin, {
        method: 'GET',
        target: `/${open.path}.git/${ADVERTISEMENT}`,
        headers: { authorization },
      });

      expect(answer.status).to.equal(401);
    });
  }

  it('are a 403 for a token without the scope that presents itself to a public project', async () => {
    const { project: open } = await projectWithCode(app, { visibility: 'public' });
    const login = await codeToken(app, open, ['read_registry']);

    const answer = await ask(`/${open.path}.git/${ADVERTISEMENT}`, { login });

    expect(answer.status).to.equal(403);
    expect(answer.phrase).to.equal(
      'Forbidden (Pullgate: this deploy token has no read_repository scope)',
    );
  });

  it('meet a token that is revoked between two requests of one client', async () => {
    const { token, login } = await newDeployToken(app, project, { scopes: ['read_repository'] });
    const headers = { authorization: basic(login), 'git-protocol': 'version=2' };
    const commit = await client.git(['--git-dir', repository, 'rev-parse', 'main']);
    async function post(body: string): Promise<Answer> {
      return await send(app.origin, {
        method: 'POST',
        target: `/${project.path}.git/git-upload-pack`,
        headers: { ...headers, 'content-type': 'application/x-git-upload-pack-request' },
        body,
      });
    }
    const listed = await post(`${packetLine('command=ls-refs')}00010000`);
    await revokeDeployToken({ store: app.service.store, now: () => NOW }, OPERATOR, token.id);

    const fetched = await post(fetchRequest(commit));

    expect(listed.status).to.equal(200);
    expect(fetched.status).to.equal(401);
    expect(fetched.text).to.contain('This deploy token was revoked on 2026-06-15.');
  });

  it('say so when a project has no repository on disk', async () => {
    const { project: bare, repository: folder } = await projectWithCode(app);
    await rename(folder, `${folder}.away`);

    const answer = await ask(`/${bare.path}.git/${ADVERTISEMENT}`, {
      login: await codeToken(app, bare),
    });

    expect(answer.status).to.equal(404);
    expect(answer.text).to.equal('A repository for this project does not exist.\n');
  });
});

/** All of an answer but what is different each time. */
function comparable({ status, phrase, headers, text }: Answer): Omit<Answer, 'body'> {
  return { status, phrase, headers: { ...headers, date: '', 'x-request-id': '' }, text };
}
