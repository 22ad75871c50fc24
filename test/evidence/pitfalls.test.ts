/** Attacks told as stories, on the whole service over HTTP. docs/evidence.md lists these and the others. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { setArchived, setVisibility } from '../../src/services/project-settings.js';
import { removeMember } from '../../src/services/members.js';
import { setBlocked } from '../../src/services/users.js';
import {
  giveNamespace,
  newAccessToken,
  newDeployToken,
  newMember,
  newProject,
  newProjectAndToken,
  newUser,
  requestLine,
} from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import {
  ask,
  askByGet,
  decodeClaims,
  grantedBy,
  METHODS,
  repository,
  send,
  SERVICE,
  tokenAnswer,
  type Answer,
} from '../support/token-client.js';
import { hidden, webClient, type WebClient } from '../support/web-client.js';

const ADVERTISEMENT = 'info/refs?service=git-upload-pack';

describe('pitfalls', () => {
  const app = withApp();

  async function signedIn(login: { username: string; secret: string }): Promise<WebClient> {
    const client = webClient(app.origin);
    await client.signIn(login.username, login.secret);
    return client;
  }

  // Whoever may make projects makes one below, or above, a project of somebody else: a repository
  // name would then lie in both, and the newcomer's token would pull what the other pushed. So no
  // project may lie under another, and a name has one owner at most.
  it('2: gives nobody a project that lies below or above that of somebody else', async () => {
    const { project, login } = await newProjectAndToken(app);
    const intruder = await signedIn((await newUser(app)).login);
    const [namespace = ''] = project.path.split('/');
    const { user, login: own } = await newUser(app);
    // One who may make projects in that very namespace.
    await giveNamespace(app, namespace, user, 'maintainer');
    const neighbour = await signedIn(own);

    for (const path of [`${project.path}/below`, project.path.toUpperCase(), namespace]) {
      for (const client of [intruder, neighbour]) {
        await client.get('/projects/new');
        const answer = await client.submit('/projects/new', { path, visibility: 'private' });
        expect(answer.status, path).to.be.oneOf([400, 403, 409, 422]);
      }
      expect(await app.service.store.projects.findByPath(path)).to.satisfy(
        (found: { id: number } | null) => found === null || found.id === project.id,
      );
    }
    const names = [`${project.path}/below/api`];
    const answer = await askByGet(app.origin, { login, scopes: names.map(pullOf) });
    expect(grantedBy(answer)).to.deep.equal(names.map((name) => repository(name, 'pull')));
  });

  // The check and the registry read one name in two ways: capitals, an escaped slash, a step upwards,
  // a letter that becomes an ASCII one in lower case. What is checked is then not what is opened. So
  // only names of the registry's own grammar are granted, and they go out byte for byte as asked.
  it('3: grants no name that could be read as another one', async () => {
    const { project, login } = await newProjectAndToken(app);
    const [namespace = '', name = ''] = project.path.split('/');
    const names = [
      project.path.toUpperCase(),
      `${namespace}%2f${name}`,
      `${namespace}//${name}`,
      `${namespace}/./${name}`,
      `${namespace}/${name}/`,
      `/${namespace}/${name}`,
      `${namespace}/${name}/../../other/app`,
      `${namespace}/${name}\u0000`,
      `${namespace}/${name}/\u212A`,
      `${namespace}/${name}/${'a'.repeat(255)}`,
      `registry.example.com:5000/${project.path}`,
      `${namespace}/*`,
    ];

    for (const method of METHODS) {
      for (const each of names) {
        const answer = await ask(app.origin, method, { login, scopes: [pullOf(each)] });

        const granted = answer.status === 200 ? grantedBy(answer) : [];
        expect(answer.status, each).to.be.oneOf([200, 400]);
        expect(granted, each).to.deep.equal([]);
      }
    }
  });

  // The registry never asks back, so a JWT got a moment before a revocation stays good until it ends.
  // A stolen token would be worth hours if the JWT lived for hours. It lives for registry.token_ttl,
  // which cannot be more than an hour, and never beyond the token itself.
  it('11: leaves a revoked token no JWT that lives longer than registry.token_ttl', async () => {
    const { login } = await newProjectAndToken(app);

    for (const method of METHODS) {
      const answer = tokenAnswer(method, await ask(app.origin, method, { login }));
      const { exp, iat } = decodeClaims(answer.token);

      expect(exp - iat).to.equal(300);
      expect(answer.expires_in).to.equal(300);
    }
  });

  // A slow password hash is there to be slow: a client that sends wrong tokens in bulk would buy the
  // whole CPU with it, under the name of any account that exists. So what looks like a token is looked
  // up by its digest alone; the log shows that no password was tried.
  it('15: tries no wrong token as a password, even under the name of a real account', async () => {
    const { login } = await newUser(app);

    for (const secret of [
      'gldt-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'glpat-AAAAAAAAAAAAAAAAAAAAAAAA',
    ]) {
      const answer = await askByGet(app.origin, { login: { ...login, secret } });
      const line = await requestLine(app, answer.headers['x-request-id']);

      expect(answer.status).to.equal(401);
      expect(line['refusal']).to.equal('unknown');
    }
  });

  // People leave. If a deploy token went on only while its maker is a member, every deployment would
  // break that day; if it went on after its project is closed to it, a leaver would keep a key. It
  // belongs to the project: it outlives its maker and every change of visibility, not the project.
  it('20: lets a deploy token outlive its maker, a change of visibility and an archive', async () => {
    const project = await newProject(app, { visibility: 'public' });
    const maker = await newMember(app, project, 'maintainer');
    const client = await signedIn(maker.login);
    const form = `/${project.path}/-/settings/repository/deploy_tokens/new`;
    await client.get(form);
    const page = await client.submit(form, {
      name: 'cluster',
      scopes: 'read_registry',
    });
    const login = shownToken(page.html);
    const deps = { store: app.service.store, now: () => new Date() };

    await removeMember(deps, OPERATOR, project, maker.user);
    await setBlocked(deps, OPERATOR, maker.user, 'blocked');
    await setVisibility(deps, OPERATOR, project, 'private');
    await setArchived(deps, OPERATOR, project, 'archived');

    const own = await askByGet(app.origin, { login, scopes: [pullOf(project.path)] });
    const makers = await askByGet(app.origin, { login: maker.login });
    expect(grantedBy(own)).to.deep.equal([repository(project.path, 'pull')]);
    expect(makers.status).to.equal(401);
  });

  // A page elsewhere makes the browser of a signed-in administrator ask for a JWT or a clone; the
  // browser adds the session cookie by itself. If the doors for programs read it, any page could pull
  // and push in that name. They read the Authorization header and, at the token door, the form.
  it('21: gives the cookie of a signed-in administrator nothing at the doors for programs', async () => {
    const project = await newProject(app);
    const { login } = await newUser(app, { isAdmin: true });
    const client = await signedIn(login);
    const cookie = Array.from(client.cookies, (pair) => pair.join('=')).join('; ');
    const scope = encodeURIComponent(pullOf(project.path));
    async function visit(target: string): Promise<Answer> {
      return await send(app.origin, { method: 'GET', target, headers: { cookie } });
    }

    const token = await visit(`/token?service=${SERVICE}&scope=${scope}`);
    const git = await visit(`/${project.path}.git/${ADVERTISEMENT}`);
    const users = await visit('/admin/users');

    expect(users.status, 'the cookie is good').to.equal(200);
    expect(grantedBy(token)).to.deep.equal([]);
    expect(git.status).to.equal(401);
  });

  // A secret in an address ends up in the history of browsers and in the log of every proxy on the
  // way. A client that finds `?private_token=` to work goes on to use it. So no door takes a secret
  // from the query, however it is called there.
  it('21: takes no secret from the query of an address', async () => {
    const project = await newProject(app);
    const { user, login } = await newMember(app, project, 'maintainer');
    const personal = await newAccessToken(app, user, ['api']);
    const scope = encodeURIComponent(pullOf(project.path));

    for (const [name, { username, secret }] of [
      ['private_token', personal],
      ['access_token', personal],
      ['password', login],
      ['token', (await newDeployToken(app, project)).login],
    ] as const) {
      const query = `username=${username}&${name}=${encodeURIComponent(secret)}`;
      const token = await send(app.origin, {
        method: 'GET',
        target: `/token?service=${SERVICE}&scope=${scope}&${query}`,
      });
      const settings = await send(app.origin, {
        method: 'GET',
        target: `/${project.path}/-/settings/repository?${query}`,
      });

      expect(grantedBy(token), name).to.deep.equal([]);
      expect(settings.status, name).to.equal(303);
      await requestLine(app, settings.headers['x-request-id']);
      expect(app.log(), name).not.to.contain(secret);
    }
  });

  // A backup of the database is copied to where fewer people look after it. With the secrets in it,
  // whoever reads the backup pulls every image. It holds digests, and no file of the service holds
  // the secret of a deploy token, a personal access token, a session or an account.
  it('22: keeps no secret in any file of the database', async () => {
    const project = await newProject(app);
    const { user, login } = await newMember(app, project, 'maintainer');
    const client = await signedIn(login);
    const secrets = [
      login.secret,
      (await newDeployToken(app, project)).login.secret,
      (await newAccessToken(app, user, ['api'])).secret,
      client.cookies.get('pullgate_session') ?? '',
    ];

    const files = (await readdir(app.folder)).filter((name) => name.startsWith('pullgate.db'));
    const bytes = await Promise.all(
      files.map(async (name) => await readFile(join(app.folder, name))),
    );

    expect(Buffer.concat(bytes).includes(login.username), 'it is the right place').to.equal(true);
    for (const secret of secrets) {
      expect(secret).to.have.length.greaterThan(30);
      expect(Buffer.concat(bytes).includes(secret)).to.equal(false);
    }
  });
});

function pullOf(path: string): string {
  return `repository:${path}:pull`;
}

/** What the page shows once. */
function shownToken(html: string): { username: string; secret: string } {
  const secret = /gldt-[\w-]{32}/.exec(html)?.[0] ?? '';
  const username = /deploy-token-\d+/.exec(html)?.[0] ?? '';
  expect(hidden(html, 'csrf')).not.to.equal('');
  return { username, secret };
}
