import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { giveNamespace, giveRole, newMember, newProject, newUser } from '../doors/app-data.js';
import { history, importInto } from '../support/git-client.js';
import { runOrThrow } from '../support/run.js';
import type { Answer } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import {
  apiClient,
  clientOf,
  encoded,
  fieldOf,
  idIn,
  idsIn,
  newAdministrator,
  NO_PROJECT,
  textIn,
  type ApiClient,
} from './api-client.js';

async function seenBy(client: ApiClient): Promise<number[]> {
  return idsIn(await client.get('/projects?search=SIGHT/'));
}

describe('projects of the API', () => {
  const app = withApp({
    env: {
      PULLGATE_HTTP_PUBLIC_URL: 'https://pullgate.example.com',
      PULLGATE_REGISTRY_HOST: 'registry.example.com',
    },
  });
  let admin: ApiClient;

  before(async () => {
    admin = await newAdministrator(app);
  });

  it('have the fields that clients read', async () => {
    const answer = await admin.post('/projects', { path: 'Tanuki/Awesome_Project' });

    expect(answer.status).to.equal(201);
    expect(answer.body).to.deep.include({
      name: 'Awesome_Project',
      path: 'Awesome_Project',
      path_with_namespace: 'Tanuki/Awesome_Project',
      name_with_namespace: 'Tanuki / Awesome_Project',
      visibility: 'private',
      archived: false,
      empty_repo: true,
      default_branch: 'main',
      web_url: 'https://pullgate.example.com/Tanuki/Awesome_Project',
      http_url_to_repo: 'https://pullgate.example.com/Tanuki/Awesome_Project.git',
      container_registry_image_prefix: 'registry.example.com/tanuki/awesome_project',
      permissions: {
        project_access: { access_level: 50, notification_level: 3 },
        group_access: null,
      },
    });
    expect(fieldOf(answer, 'namespace')).to.include({ full_path: 'Tanuki', kind: 'group' });
    const again = await admin.get(`/projects/${encoded('tanuki/awesome_project')}`);
    expect(again.body).to.deep.equal(answer.body);
  });

  for (const [input, path] of [
    [{ path: 'ways/one' }, 'ways/one'],
    [{ path: 'ways/deep/two' }, 'ways/deep/two'],
    [{ path: 'three', namespace_path: 'ways' }, 'ways/three'],
    [{ path: 'four', namespace_id: 'ways' }, 'ways/four'],
    [{ path: 'deep2/five', namespace_path: 'ways' }, 'ways/deep2/five'],
    [{ name: 'Sixth Project', namespace_path: 'ways' }, 'ways/sixth-project'],
    [{ name: 'Any Name', path: 'seven' }, 'ada/seven'],
    [{ name: 'Eighth' }, 'ada/eighth'],
  ] as const) {
    it(`come to ${path} by ${JSON.stringify(input)}`, async () => {
      const user =
        (await app.service.store.users.findByUsername('ada')) ??
        (await newUser(app, { username: 'ada' })).user;
      await giveNamespace(app, 'ways', user, 'maintainer');
      const ada = await clientOf(app, user);

      const answer = await ada.post('/projects', input);

      expect(answer.status).to.equal(201);
      expect(fieldOf(answer, 'path_with_namespace')).to.equal(path);
    });
  }

  for (const [what, input, expected] of [
    ['no path', {}, { error: 'name, path are missing, at least one parameter must be provided' }],
    [
      'an unknown visibility',
      { path: 'a/b', visibility: 'secret' },
      { error: 'visibility does not have a valid value' },
    ],
    [
      'both names of a namespace',
      { path: 'a', namespace_id: 'b', namespace_path: 'c' },
      { error: 'namespace_id, namespace_path are mutually exclusive' },
    ],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      const answer = await admin.post('/projects', input);

      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal(expected);
    });
  }

  for (const [what, input, field] of [
    ['a path that is taken', { path: 'taken/project' }, 'path'],
    ['a path under a project', { path: 'taken/project/below' }, 'path'],
    ['a reserved first component', { path: 'api/project' }, 'path'],
    ['a component with blanks', { path: 'a/b c' }, 'path'],
    ['a number that no namespace has', { path: 'b', namespace_id: 999_999 }, 'namespace'],
    ['such a number as text', { path: 'b', namespace_id: '999999' }, 'namespace'],
  ] as const) {
    it(`are refused by field with ${what}`, async () => {
      await admin.post('/projects', { path: 'taken/project' });

      const answer = await admin.post('/projects', input);

      expect(answer.status).to.equal(400);
      expect(fieldOf(answer, 'message')).to.have.all.keys(field);
    });
  }

  it('are listed to those who may see them, newest first', async () => {
    const hidden = await newProject(app, { path: 'sight/hidden' });
    const internal = await newProject(app, { path: 'sight/internal', visibility: 'internal' });
    const open = await newProject(app, { path: 'sight/open', visibility: 'public' });
    const own = await newProject(app, { path: 'sight/own' });
    const { user } = await newMember(app, own, 'guest');

    expect(await seenBy(apiClient(app, null))).to.deep.equal([open.id]);
    expect(await seenBy(await clientOf(app, user))).to.deep.equal([own.id, open.id, internal.id]);
    expect(await seenBy(admin)).to.deep.equal([own.id, open.id, internal.id, hidden.id]);
  });

  it('are filtered and ordered', async () => {
    const [b, a, c] = [
      await newProject(app, { path: 'filter/b', visibility: 'public' }),
      await newProject(app, { path: 'filter/a_1' }),
      await newProject(app, { path: 'filter/c', visibility: 'internal' }),
    ];
    const { user } = await newMember(app, b, 'owner');
    await giveRole(app, a, user, 'developer');
    const member = await clientOf(app, user);
    await admin.post(`/projects/${c.id}/archive`);

    async function found(query: string): Promise<number[]> {
      return idsIn(await member.get(`/projects?search=filter/&${query}`));
    }

    expect(await found('membership=true')).to.deep.equal([a.id, b.id]);
    expect(await found('owned=true')).to.deep.equal([b.id]);
    expect(await found('min_access_level=30')).to.deep.equal([a.id, b.id]);
    expect(await found('min_access_level=40')).to.deep.equal([b.id]);
    expect(await found('visibility=internal')).to.deep.equal([c.id]);
    expect(await found('archived=true')).to.deep.equal([c.id]);
    expect(await found('archived=false')).to.deep.equal([a.id, b.id]);
    expect(await found('order_by=path&sort=asc')).to.deep.equal([a.id, b.id, c.id]);
    expect(await found('order_by=id&sort=asc')).to.deep.equal([b.id, a.id, c.id]);
    expect(await found('simple=true&statistics=false')).to.have.lengthOf(3);
  });

  it('are searched for the letters as they are, % and _ included', async () => {
    await newProject(app, { path: 'letters/a_b' });
    await newProject(app, { path: 'letters/axb' });

    const under = await admin.get('/projects?search=letters/a_b');
    const percent = await admin.get('/projects?search=letters%25');

    expect([idsIn(under).length, idsIn(percent).length]).to.deep.equal([1, 0]);
  });

  it('are no longer empty once somebody has pushed, with the branch that HEAD names', async () => {
    const { id } = await newProject(app);
    const repository = join(app.folder, 'git', `${id}.git`);

    await importInto(repository, history({ branch: 'trunk', commits: 1 }));
    const loose = await admin.get(`/projects/${id}`);
    const env = { PATH: process.env['PATH'] };
    await runOrThrow('git', ['--git-dir', repository, 'pack-refs', '--all'], { env });
    await runOrThrow('git', ['--git-dir', repository, 'symbolic-ref', 'HEAD', 'refs/heads/trunk'], {
      env,
    });
    const packed = await admin.get(`/projects/${id}`);

    expect([fieldOf(loose, 'empty_repo'), fieldOf(packed, 'empty_repo')]).to.deep.equal([
      false,
      false,
    ]);
    expect([fieldOf(loose, 'default_branch'), fieldOf(packed, 'default_branch')]).to.deep.equal([
      'main',
      'trunk',
    ]);
  });

  it('have the default branch that was asked for, among those that are there', async () => {
    const usual = await admin.post('/projects', { path: 'usual', default_branch: '' });
    const made = await admin.post('/projects', { path: 'branches', default_branch: 'trunk' });
    const id = idIn(made);
    const unborn = await admin.put(`/projects/${id}`, { default_branch: 'next' });
    await importInto(
      join(app.folder, 'git', `${id}.git`),
      Buffer.concat([history({ commits: 1 }), history({ branch: 'a/b', commits: 1 })]),
    );

    const changed = await admin.put(`/projects/${id}`, { default_branch: 'a/b' });
    const missing = await admin.put(`/projects/${id}`, { default_branch: 'next' });
    const refused = await admin.post('/projects', { path: 'refused', default_branch: 'a..b' });

    const answers = [usual, made, unborn, changed];
    expect(answers.map((answer) => fieldOf(answer, 'default_branch'))).to.deep.equal([
      'main',
      'trunk',
      'next',
      'a/b',
    ]);
    expect(missing.body).to.deep.equal({
      message: { default_branch: ['There is no branch next in the repository.'] },
    });
    expect([missing.status, refused.status]).to.deep.equal([400, 400]);
  });

  it('change their visibility, and are archived and taken back', async () => {
    const { id } = await newProject(app);

    const answers = [
      await admin.put(`/projects/${id}`, { visibility: 'public', description: 'kept' }),
      await admin.put(`/projects/${id}`, { archived: true }),
      await admin.post(`/projects/${id}/unarchive`),
      await admin.post(`/projects/${id}/archive`),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 201, 201]);
    expect(answers.map((answer) => fieldOf(answer, 'visibility'))).to.deep.equal(
      Array(4).fill('public'),
    );
    expect(answers.map((answer) => fieldOf(answer, 'archived'))).to.deep.equal([
      false,
      true,
      false,
      true,
    ]);
  });

  it('are told that they cannot be moved', async () => {
    const { id, path } = await newProject(app);

    const moved = await admin.put(`/projects/${id}`, { path: 'elsewhere' });
    const same = await admin.put(`/projects/${id}`, { path, visibility: 'internal' });

    expect(fieldOf(moved, 'message')).to.have.all.keys('path');
    expect(same.status).to.equal(200);
  });

  it('are told by its name what is wrong with a name, or with a path that was made of it', async () => {
    await admin.post('/projects', { path: 'named/app' });
    const { id } = await newProject(app);

    const refused = [
      await admin.post('/projects', { name: 'App', namespace_path: 'named' }),
      await admin.post('/projects', { name: '(!)', namespace_path: 'named' }),
      await admin.put(`/projects/${id}`, { name: 'on two\nlines' }),
      await admin.put(`/projects/${id}`, { description: 'x'.repeat(2001) }),
      await admin.put(`/projects/${id}`, { merge_method: 'x'.repeat(256) }),
    ];

    expect(refused.map(({ status }) => status)).to.deep.equal([400, 400, 400, 400, 400]);
    expect(refused.slice(0, 4).map((answer) => Object.keys(messageOf(answer)))).to.deep.equal([
      ['name'],
      ['name'],
      ['name'],
      ['description'],
    ]);
  });

  it('have their changes in the audit trail, what stays the same left out', async () => {
    const { id } = await newProject(app);

    await admin.put(`/projects/${id}`, { description: 'one', wiki_enabled: true });
    await admin.put(`/projects/${id}`, { description: 'one', wiki_enabled: 'true' });

    const { body } = await admin.get(`/projects/${id}/audit_events`);
    const changes = JSON.stringify(body).match(/"custom_message":"project_changed"/g);
    expect(changes).to.have.lengthOf(1);
    expect(JSON.stringify(body)).to.include('description, wiki_enabled');
  });

  it('are gone when they are deleted, with their tokens, and their path is kept from others', async () => {
    const made = await admin.post('/projects', { path: 'gone/project' });
    const token = await admin.post(`/projects/${idIn(made)}/deploy_tokens`, {
      name: 'ci',
      scopes: 'read_registry',
    });

    const deleted = await admin.delete(`/projects/${idIn(made)}`);

    expect(deleted.status).to.equal(202);
    expect(deleted.body).to.deep.equal({ message: '202 Accepted' });
    expect((await admin.get(`/projects/${idIn(made)}`)).body).to.deep.equal(NO_PROJECT);
    expect(idsIn(await admin.get('/deploy_tokens?per_page=100'))).not.to.include(idIn(token));
    const again = await admin.post('/projects', { path: 'gone/project' });
    expect([again.status, textIn(token, 'name')]).to.deep.equal([400, 'ci']);
  });
});

function messageOf(answer: Answer): object {
  return z.object({ message: z.looseObject({}) }).parse(answer.body).message;
}
