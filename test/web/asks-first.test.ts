import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import type { Project } from '../../src/access/project.js';
import { createAccessToken } from '../../src/services/access-tokens.js';
import { addImagePrefix } from '../../src/services/image-prefixes.js';
import { inviteUsers } from '../../src/services/invitations.js';
import { setArchived } from '../../src/services/project-settings.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { setBlocked } from '../../src/services/users.js';
import { withApp } from '../support/with-app.js';
import { webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData } from './web-data.js';

/** Where a question stands: on a page of its own, or in a dialog that a script opens. */
const QUESTIONS = /<(dialog|section)[^>]* class="ask".*?<\/\1>/gs;

/**
 * What a form does at once on each page, outside of any question: it gives something, has its question as an
 * answer (a role that is lower), or is a question itself (typing the path, or the current password).
 */
const AT_ONCE: readonly (readonly [path: string, does: readonly string[]])[] = [
  ['/', []],
  ['/projects/new', ['']],
  ['/-/namespaces/new', ['']],
  ['/asks', []],
  ['/asks/first', []],
  ['/asks/first/-/settings/repository', []],
  ['/asks/first/-/settings/repository/deploy_tokens/new', ['']],
  ['/asks/first/-/settings/repository/deploy_tokens/1', []],
  ['/asks/first/-/settings/members', ['set', 'set']],
  ['/asks/first/-/settings/general', ['default-branch', 'add-prefix', 'remove']],
  ['/asks/archived/-/settings/general', ['default-branch', 'add-prefix', 'unarchive', 'remove']],
  ['/asks/first/-/settings/audit', []],
  ['/asks/first/-/settings/denied', []],
  ['/asks/-/settings/members', ['set']],
  ['/asks/-/settings/general', ['']],
  ['/-/profile', ['create-token', 'password']],
  ['/admin/deploy_tokens', []],
  ['/admin/deploy_tokens/new', ['']],
  ['/admin/users', ['unblock', 'create']],
  ['/admin/users/invitations', ['invite']],
  ['/admin/registry', []],
  ['/admin/audit', []],
  ['/admin/denied', []],
];

describe('pages that take something away', () => {
  const app = withApp();
  let project: Project;
  let root: WebClient;

  before(async () => {
    const { store, repositories } = app.service;
    const deps = { store, repositories, now: () => new Date(), quotas: NO_QUOTAS };
    const data = webData(app);
    project = await data.project('asks/first');
    await data.token(project, 'first');
    await addImagePrefix(deps, OPERATOR, project, 'postgres');
    await setArchived(deps, OPERATOR, await data.project('asks/archived'), 'archived');
    const admin = await data.user('root', { isAdmin: true });
    const user = await data.user('olga');
    await data.member(project, user, 'owner');
    await setBlocked(deps, OPERATOR, await data.user('blocked'), 'blocked');
    await inviteUsers(deps, OPERATOR, { usernames: [null], roles: [] });
    await createAccessToken(deps, OPERATOR, admin, {
      name: 'asked',
      scopes: ['api'],
      expiresAt: null,
    });
    for (const client of [webClient(app.origin), (root = webClient(app.origin))]) {
      await client.signIn('root', PASSWORD);
    }
  });

  for (const [path, does] of AT_ONCE) {
    it(`ask first: ${path}`, async () => {
      const { html, status } = await root.get(path);

      expect(status).to.equal(200);
      expect(formsIn(html.replaceAll(QUESTIONS, ''))).to.deep.equal(does);
    });
  }

  const general = '/asks/first/-/settings/general';
  for (const [address, title, effect, keep] of [
    [
      `${general}?visibility=public`,
      'Make asks/first public?',
      'whoever reaches this server',
      'Keep it private',
    ],
    [`${general}?archive=yes`, 'Archive asks/first?', 'Pushes of images', 'Keep it active'],
    ['/-/profile?session=1', 'Sign out', 'Its next request leads to the sign-in page', 'Keep it'],
    ['/-/profile?session=all', 'Sign out everywhere?', 'this one too', 'Stay signed in'],
  ] as const) {
    it(`say what it does, with a way back: ${address}`, async () => {
      const { html } = await root.get(address);
      const [question = ''] = html.match(QUESTIONS) ?? [];

      expect(formsIn(html.replaceAll(QUESTIONS, ''))).to.deep.equal([]);
      expect(question.replaceAll(/\s+/g, ' '))
        .to.include(title)
        .and.include(effect)
        .and.match(new RegExp(`<a class="button" href="[^"]+"[^>]*>${keep}</a>`));
    });
  }

  it('do nothing by the address of a question', async () => {
    await root.get(`${general}?visibility=public`);
    await root.get(`${general}?archive=yes`);
    await root.get('/-/profile?session=all');

    const { projects } = app.service.store;
    const found = await projects.findById(project.id);
    expect(found).to.include({ visibility: 'private', archivedAt: null });
    expect((await root.get('/-/profile')).status).to.equal(200);
  });

  it('ask nothing where there is nothing to take away', async () => {
    for (const address of [
      `${general}?visibility=private`,
      `${general}?visibility=secret`,
      '/asks/archived/-/settings/general?archive=yes',
      '/-/profile?session=99999',
    ]) {
      expect((await root.get(address)).html, address).not.to.include('<section class="ask"');
    }
  });

  it('name how many deploy tokens go with their owner', async () => {
    const { html } = await root.get(general);

    expect(html).to.include('Its active deploy token is revoked at once.');
  });

  it('ask nobody about a session of somebody else', async () => {
    const other = await webData(app).signedIn('other', null, project);

    expect((await other.get('/-/profile?session=1')).html).not.to.include('Sign it out');
  });
});

/** What the button of each form says that it does. */
function formsIn(html: string): readonly string[] {
  const [main = ''] = /<main.*<\/main>/s.exec(html) ?? [];
  return [...main.matchAll(/<form method="post".*?<\/form>/gs)].map(
    ([form]) => /name="do" value="([^"]+)"/.exec(form)?.[1] ?? '',
  );
}
