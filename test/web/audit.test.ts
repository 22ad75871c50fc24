import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AuditEvent } from '../../src/access/audit-event.js';
import { removeOldAuditEvents } from '../../src/services/audit.js';
import { withApp } from '../support/with-app.js';
import { webClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';
import { auditEventsOf } from '../support/rows.js';

const NOON = Date.parse('2031-05-01T12:00:00Z');
const DAY = 24 * 60 * 60 * 1000;

const NEVER = new AbortController().signal;

describe('the audit trail', () => {
  const app = withApp({ now: () => new Date(now) });
  let data: WebData;
  let now = NOON;

  before(async () => {
    data = webData(app, () => new Date(now));
  });

  beforeEach(() => {
    now = NOON;
  });

  async function latest(): Promise<AuditEvent> {
    const [event] = await auditEventsOf(app.service.store, null);
    return event ?? expect.fail('nothing is on record');
  }

  it('tells who created and revoked a deploy token, from where, by which request', async () => {
    const project = await data.project('trail/app');
    const client = await data.signedIn('ada', 'maintainer', project);
    const address = '/trail/app/-/settings/repository';
    await client.get(`${address}/deploy_tokens/new`);

    const created = await client.submit(`${address}/deploy_tokens/new`, {
      name: 'ci',
      scopes: 'read_registry',
    });
    const creation = await latest();
    const id = creation.subjectId ?? 0;
    await client.get(address);
    await client.submit(`${address}/deploy_tokens/${id}/revoke`, {});
    const revocation = await latest();
    await client.submit(`${address}/deploy_tokens/${id}/revoke`, {});

    const { id: _id, actorId, ...event } = creation;
    expect(event).to.deep.equal({
      at: new Date(NOON),
      action: 'deploy_token_created',
      actor: 'ada',
      projectId: project.id,
      projectPath: 'trail/app',
      namespaceId: null,
      namespacePath: null,
      subjectId: id,
      subject: 'ci',
      detail: 'read_registry, without expiry',
      origin: {
        door: 'web',
        address: '127.0.0.1',
        requestId: created.headers.get('x-request-id'),
      },
    });
    expect(actorId).to.be.a('number');
    expect([revocation.action, revocation.subjectId]).to.deep.equal(['deploy_token_revoked', id]);
    expect((await latest()).id).to.equal(revocation.id);
  });

  it('tells of every other change, and of nothing that was refused', async () => {
    await data.user('boss', { isAdmin: true });
    const client = webClient(app.origin);
    await client.signIn('boss', PASSWORD);
    const actions: string[] = [];
    async function submit(path: string, fields: Record<string, string>): Promise<void> {
      await client.get(path);
      await client.submit(path, fields);
      const { action, detail } = await latest();
      actions.push(`${action} ${detail}`.trim());
    }

    await submit('/projects/new', { path: 'every/deed', visibility: 'private' });
    await submit('/projects/new', { path: 'every/deed', visibility: 'private' });
    await submit('/admin/users', { do: 'create', username: 'newcomer' });
    const members = '/every/deed/-/settings/members';
    await submit(members, { do: 'set', username: 'newcomer', role: 'reporter' });
    await submit(members, { do: 'remove', username: 'newcomer' });
    const general = '/every/deed/-/settings/general';
    await submit(general, { do: 'visibility', visibility: 'public' });
    await submit(general, { do: 'default-branch', default_branch: 'trunk' });
    await submit(general, { do: 'archive' });
    await submit(general, { do: 'unarchive' });
    await submit(general, { do: 'remove', path: 'every/deed' });
    await submit('/admin/users', { do: 'block', username: 'newcomer' });
    await submit('/admin/users', { do: 'unblock', username: 'newcomer' });
    await submit('/-/profile', { do: 'create-token', name: 'laptop', scopes: 'api' });
    const passwords = {
      current_password: PASSWORD,
      password: 'a new one',
      password_again: 'a new one',
    };
    await submit('/-/profile', { do: 'password', ...passwords });
    await submit('/users/sign_out', {});

    expect(actions).to.deep.equal([
      'project_created private',
      'project_created private',
      'user_created',
      'member_set reporter',
      'member_removed',
      'project_visibility_changed public',
      'project_default_branch_changed trunk',
      'project_archived',
      'project_unarchived',
      'project_removed',
      'user_blocked',
      'user_unblocked',
      'access_token_created of boss, api, without expiry',
      'user_password_changed',
      'signed_out',
    ]);
  });

  it('tells of sign-ins and of refused ones, without what a stranger typed', async () => {
    await data.user('grace');
    const client = webClient(app.origin);
    await client.get('/users/sign_in');

    await client.submit('/users/sign_in', { username: 'grace', password: 'a guess' });
    const wrong = await latest();
    await client.submit('/users/sign_in', { username: 'my-password-1', password: 'oops' });
    const unknown = await latest();
    await client.signIn('grace', PASSWORD);
    const good = await latest();

    expect(
      [wrong, unknown, good].map(({ action, actor, subject, detail }) => [
        action,
        actor,
        subject,
        detail,
      ]),
    ).to.deep.equal([
      ['sign_in_refused', '', 'grace', 'wrong_password'],
      ['sign_in_refused', '', '', 'unknown'],
      ['signed_in', 'grace', 'grace', ''],
    ]);
  });

  it('is read by the maintainers of a project, and as a whole by administrators', async () => {
    const project = await data.project('read/app');
    await data.token(project, 'seen by maintainers');
    const maintainer = await data.signedIn('read-maintainer', 'maintainer', project);
    const developer = await data.signedIn('read-developer', 'developer', project);
    const stranger = await data.signedIn('read-stranger', null, project);
    await data.user('read-admin', { isAdmin: true });
    const admin = webClient(app.origin);
    await admin.signIn('read-admin', PASSWORD);
    const address = '/read/app/-/settings/audit';

    const own = await maintainer.get(address);
    const all = await admin.get('/admin/audit');

    expect(own.html).to.include('created the deploy token').and.include('seen by maintainers');
    expect(own.html).to.not.include('signed in<');
    expect(all.html).to.include('read/app').and.include('signed in');
    expect((await developer.get(address)).status).to.equal(403);
    expect((await stranger.get(address)).status).to.equal(404);
    expect((await maintainer.get('/admin/audit')).status).to.equal(403);
    expect((await webClient(app.origin).get('/admin/audit')).status).to.equal(303);
  });

  it('forgets what is older than its retention, and nothing where that is 0', async () => {
    const service = { store: app.service.store, now: () => new Date(now) };
    const before = await latest();
    now = NOON + 365 * DAY + 1;
    await data.project('kept/app');
    const kept = await latest();

    await removeOldAuditEvents(service, 0, NEVER);
    const [, stillThere] = await auditEventsOf(service.store, null);
    await removeOldAuditEvents(service, 365, NEVER);
    const left = await auditEventsOf(service.store, null);

    expect(stillThere?.id).to.equal(before.id);
    expect(left.map(({ id }) => id)).to.deep.equal([kept.id]);
  });

  it('holds no secret: the database knows none of those that it tells of', async () => {
    const project = await data.project('secret/app');
    const client = await data.signedIn('secret-ada', 'owner', project);
    const address = '/secret/app/-/settings/repository/deploy_tokens/new';
    await client.get(address);

    const { html } = await client.submit(address, { name: 'ci', scopes: 'read_registry' });

    const secret = /gldt-[\w-]{32}/.exec(html)?.[0] ?? expect.fail('no secret is shown');
    const files = (await readdir(app.folder)).filter((name) => name.startsWith('pullgate.db'));
    expect(files).to.not.have.lengthOf(0);
    for (const file of files) {
      const bytes = await readFile(join(app.folder, file));
      expect(bytes.includes(secret) || bytes.includes(PASSWORD)).to.equal(false);
    }
  });
});
