import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import { withApp } from '../support/with-app.js';
import { webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';

const SETTINGS = '/shop/database/-/settings';
const TOKENS = `${SETTINGS}/repository/deploy_tokens`;
const USERS = '/admin/users';

/** Pages that somebody who maintains a project and administers has open when the account ends. */
const PAGES = [
  '/-/profile',
  '/projects/new',
  '/-/namespaces/new',
  '/shop/database',
  `${SETTINGS}/repository`,
  `${TOKENS}/new`,
  `${TOKENS}/1`,
  `${TOKENS}/1/revoke`,
  `${SETTINGS}/members`,
  `${SETTINGS}/general`,
  `${SETTINGS}/audit`,
  `${SETTINGS}/audit.csv`,
  `${SETTINGS}/denied`,
  '/shop/-/settings/members',
  '/shop/-/settings/general',
  USERS,
  `${USERS}?remove=root`,
  '/admin/users/invitations',
  '/admin/deploy_tokens',
  '/admin/deploy_tokens.csv',
  '/admin/deploy_tokens/new',
  '/admin/registry',
  '/admin/registry/import',
  '/admin/audit',
  '/admin/audit.csv',
  '/admin/denied',
] as const;

/** Forms that were open then, and what each would have done. */
const FORMS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['/-/profile', { do: 'create-token', name: 'late', scopes: 'api' }],
  ['/projects/new', { path: 'shop/late' }],
  ['/-/namespaces/new', { path: 'late' }],
  [`${TOKENS}/new`, { name: 'late', scopes: 'read_registry', expires: 'none' }],
  [`${TOKENS}/1/revoke`, {}],
  [`${SETTINGS}/members`, { do: 'set', username: 'late', role: 'owner' }],
  [`${SETTINGS}/general`, { do: 'visibility', visibility: 'public' }],
  [`${SETTINGS}/general`, { do: 'archive' }],
  [`${SETTINGS}/general`, { do: 'remove', path: 'shop/database' }],
  ['/shop/-/settings/general', { path: 'shop' }],
  [USERS, { do: 'promote', username: 'late' }],
  [USERS, { do: 'create', username: 'later' }],
  ['/admin/users/invitations', { do: 'invite', username: 'later', role: 'guest' }],
  ['/admin/registry/import', {}],
];

describe('an account that an administrator removes', () => {
  const app = withApp();
  let data: WebData;
  let project: Project;
  let root: WebClient;
  let hal: WebClient;

  before(async () => {
    data = webData(app);
    project = await data.project('shop/database');
    await data.user('root', { isAdmin: true });
    await data.user('late');
    await data.member(project, await data.user('hal', { isAdmin: true }), 'owner');
    root = await signedIn('root');
    hal = await signedIn('hal');
    await hal.get(`${TOKENS}/new`);
    await hal.submit(`${TOKENS}/new`, {
      name: 'of hal',
      scopes: 'read_registry',
      expires: 'none',
    });
    await hal.get('/admin/users/invitations');
    await hal.submit('/admin/users/invitations', { do: 'invite', username: 'ida', role: 'guest' });
  });

  async function signedIn(username: string): Promise<WebClient> {
    const client = webClient(app.origin);
    await client.signIn(username, PASSWORD);
    return client;
  }

  /** Everything that the forms could have changed. */
  async function state(): Promise<unknown> {
    const { projects, namespaces, users, deployTokens, members, invitations } = app.service.store;
    const late = await users.findByUsername('late');
    return {
      project: await projects.findByPath('shop/database'),
      open: await invitations.countOpen(new Date()),
      made: [await projects.findByPath('shop/late'), await namespaces.findByPath('late')],
      token: (await deployTokens.findByIds([1]))[0],
      tokens: await deployTokens.findByIds([2]),
      late,
      role: late && (await members.roleIn(project, late.id)),
      later: await users.findByUsername('later'),
    };
  }

  it('had all pages before', async () => {
    for (const path of PAGES) {
      expect((await hal.get(path)).status, path).to.equal(200);
    }
  });

  it('is asked for by name, with what ends, and is gone from the list', async () => {
    const question = await root.get(`${USERS}?remove=hal`);
    const answer = await root.submit(USERS, { do: 'remove', username: 'hal' });

    expect(question.html).to.include('Remove the account hal?').and.include('Keep it');
    expect(answer.headers.get('location')).to.include('notice=user-removed');
    expect((await root.get(USERS)).html).not.to.include('name="username" value="hal"');
  });

  for (const path of PAGES) {
    it(`has ended at ${path}`, async () => {
      const { status, headers, html } = await hal.get(path);

      // A private project is to strangers what is not there.
      const expected = path === '/shop/database' ? [404, null] : [303, '/users/sign_in'];
      const [where] = headers.get('location')?.split('?') ?? [null];
      expect([status, where]).to.deep.equal(expected);
      expect(html).not.to.include('hal');
    });
  }

  it('does nothing with forms that were open', async () => {
    const before = await state();
    for (const [path, fields] of FORMS) {
      const { html } = await hal.submit(path, fields);

      expect(html, path).not.to.include('late is');
      expect(await state(), path).to.deep.equal(before);
    }
  });

  it('cannot sign in again', async () => {
    const client = webClient(app.origin);
    await client.get('/users/sign_in');

    const { status } = await client.submit('/users/sign_in', {
      username: 'hal',
      password: PASSWORD,
    });

    expect(status).to.equal(422);
  });

  for (const [path, words] of [
    [`${TOKENS}/1`, 'hal'],
    [`${SETTINGS}/repository`, 'of hal'],
    [`${SETTINGS}/audit`, 'hal'],
    ['/admin/audit?by=hal', 'of hal'],
    ['/admin/deploy_tokens', 'of hal'],
    ['/admin/deploy_tokens.csv', '"hal"'],
    ['/admin/users/invitations', 'by <bdi>hal</bdi>'],
    ['/shop/database', 'shop/database'],
    ['/shop', 'database'],
    ['/', 'shop/'],
  ] as const) {
    it(`is still named where it did something: ${path}`, async () => {
      const { status, html } = await root.get(path);

      expect(status).to.equal(200);
      expect(html).to.include(words);
    });
  }

  it('has no role any more, and nobody is asked about it again', async () => {
    const { html } = await root.get(`${SETTINGS}/members`);
    const gone = await root.get(`${USERS}?remove=hal`);

    expect(html).to.include('Members (0)').and.not.include('Role of hal');
    expect(html).not.to.include('<option value="hal">');
    expect(gone.status).to.equal(404);
  });
});
