import { expect } from 'chai';
import { z } from 'zod';
import { giveNamespace, giveRole, newAccessToken, newProject, newUser } from '../doors/app-data.js';
import { FORM, send } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import {
  API,
  apiClient,
  clientOf,
  encoded,
  fieldOf,
  FORBIDDEN,
  idIn,
  idsIn,
  newAdministrator,
  NOT_FOUND,
  textsIn,
  type ApiClient,
} from './api-client.js';

const NO_GROUP = { message: '404 Group Not Found' };
const PULL = { name: 'ci', scopes: ['read_registry'] };

describe('groups of the API', () => {
  const app = withApp({ env: { PULLGATE_HTTP_PUBLIC_URL: 'https://pullgate.example.com' } });
  let admin: ApiClient;

  before(async () => {
    admin = await newAdministrator(app);
  });

  async function newGroup(path: string, more: object = {}): Promise<number> {
    return idIn(await admin.post('/groups', { name: path, path, ...more }));
  }

  it('are found by number and by path, and are gone when they are deleted', async () => {
    const made = await admin.post('/groups', {
      name: 'Life of a Group',
      path: 'Life',
      description: null,
      visibility: 'internal',
      default_branch_protection: null,
      parent_id: null,
      lfs_enabled: true,
    });
    const id = idIn(made);
    const byPath = await admin.get('/groups/life');
    const changed = await admin.put(`/groups/${id}`, { description: 'hi', visibility: 'private' });
    const same = await admin.put(`/groups/${id}`, { path: 'Life', name: 'Life of a Group' });
    const deleted = await admin.delete(`/groups/${id}`);
    const after = [await admin.get(`/groups/${id}`), await admin.delete(`/groups/${id}`)];

    expect(made.status).to.equal(201);
    expect(made.body).to.include({
      name: 'Life of a Group',
      path: 'Life',
      full_path: 'Life',
      full_name: 'Life of a Group',
      description: '',
      visibility: 'internal',
      parent_id: null,
      web_url: 'https://pullgate.example.com/Life',
    });
    expect(byPath.body).to.deep.equal(made.body);
    expect(changed.body).to.include({ description: 'hi', visibility: 'private' });
    expect(same.body).to.deep.equal(changed.body);
    expect([deleted.status, deleted.body]).to.deep.equal([202, { message: '202 Accepted' }]);
    expect(after.map(({ body }) => body)).to.deep.equal([NO_GROUP, NO_GROUP]);
  });

  it('lie in others, by number or by path of the parent', async () => {
    const top = await newGroup('tfgrp', { name: 'Top' });
    const sub = await admin.post('/groups', { name: 'Backend', path: 'backend', parent_id: top });
    const deep = await admin.post('/groups', { path: 'deep', parent_id: 'tfgrp/backend' });

    expect(sub.body).to.include({
      full_path: 'tfgrp/backend',
      full_name: 'Top / Backend',
      parent_id: top,
    });
    expect(deep.body).to.include({ full_name: 'Top / Backend / deep', parent_id: idIn(sub) });
    expect((await admin.get(`/groups/${encoded('tfgrp/backend')}`)).body).to.deep.equal(sub.body);
    expect(idsIn(await admin.get('/groups/tfgrp/subgroups'))).to.deep.equal([idIn(sub)]);
    expect(idsIn(await admin.get('/groups/tfgrp/descendant_groups'))).to.deep.equal([
      idIn(sub),
      idIn(deep),
    ]);
  });

  it('are taken as a form, as gitlab4j sends them', async () => {
    const { user } = await newUser(app, { isAdmin: true });
    const { secret } = await newAccessToken(app, user, ['api']);

    const answer = await send(app.origin, {
      method: 'POST',
      target: `${API}/groups`,
      headers: { 'private-token': secret, 'content-type': FORM },
      body: 'name=By+Form&path=by-form&visibility=private&description=',
    });

    expect(answer.status).to.equal(201);
    expect(fieldOf(answer, 'name')).to.equal('By Form');
  });

  for (const [what, path, input, status] of [
    ['a path that is taken', '/groups', { path: 'taken' }, 400],
    ['the path of a project', '/groups', { path: 'taken/project' }, 400],
    ['a reserved first component', '/groups', { path: 'users' }, 400],
    ['a path with blanks', '/groups', { path: 'a b' }, 400],
    ['a name of nothing but blanks', '/groups', { path: 'blank', name: '  ' }, 400],
    ['a parent that there is not', '/groups', { path: 'x', parent_id: 999_999 }, 404],
    ['no path', '/groups', { name: 'x' }, 400],
    ['an unknown visibility', '/groups', { path: 'x', visibility: 'secret' }, 400],
  ] as const) {
    it(`are refused with ${what}: ${status}`, async () => {
      await admin.post('/groups', { path: 'taken' });
      await admin.post('/projects', { path: 'taken/project' });

      expect((await admin.post(path, input)).status).to.equal(status);
    });
  }

  it('are not moved, and not removed with what lies in them', async () => {
    const id = await newGroup('stays');
    await admin.post('/projects', { path: 'stays/project' });

    const answers = [
      await admin.put(`/groups/${id}`, { path: 'elsewhere' }),
      await admin.post(`/groups/${id}/transfer`, { group_id: await newGroup('target') }),
      await admin.delete(`/groups/${id}`),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([400, 400, 409]);
    expect((await admin.get(`/groups/${id}`)).status).to.equal(200);
  });

  it('go with their last project, whose path and images stay nobody’s', async () => {
    const id = await newGroup('leaving');
    const project = await admin.post('/projects', { name: 'app', namespace_id: id });
    await admin.post(`/groups/${id}/deploy_tokens`, PULL);
    await admin.delete(`/projects/${idIn(project)}`);

    const removed = await admin.delete(`/groups/${id}`);
    const account = { username: 'Leaving', force_random_password: true };

    expect(removed.status).to.equal(202);
    expect((await admin.post('/users', account)).status).to.equal(409);
    const again = await newGroup('leaving');
    expect(again).to.be.greaterThan(id);
    expect(idsIn(await admin.get(`/groups/${again}/deploy_tokens`))).to.deep.equal([]);
    const below = { name: 'app', namespace_id: again };
    expect((await admin.post('/projects', below)).status).to.equal(400);
  });

  it('hide from others what lies in them, and themselves', async () => {
    const hidden = await newGroup('hidden-group');
    const stranger = await clientOf(app, (await newUser(app)).user);

    const answers = [
      await stranger.get(`/groups/${hidden}`),
      await stranger.get('/groups/hidden-group'),
      await stranger.get(`/groups/${hidden}/projects`),
      await stranger.get(`/groups/${hidden}/deploy_tokens`),
      await stranger.post('/groups', { path: 'sub', parent_id: hidden }),
      await apiClient(app, null).get(`/groups/${hidden}`),
    ];

    for (const { body } of answers) {
      expect(body).to.deep.equal(NO_GROUP);
    }
    expect(idsIn(await stranger.get('/groups?search=hidden-group'))).to.deep.equal([]);
    expect(
      fieldOf(await stranger.post('/projects', { path: 'x', namespace_id: hidden }), 'message'),
    ).to.deep.equal({ namespace: ['is not valid'] });
  });

  it('are listed by search, role and depth, without the namespaces of users', async () => {
    const { user } = await newUser(app, { username: 'lister' });
    await giveNamespace(app, 'lister-a', user, 'owner');
    await giveNamespace(app, 'lister-a/sub', user, 'guest');
    await giveNamespace(app, 'lister-b', user, 'developer');
    const client = await clientOf(app, user);

    async function found(query: string): Promise<string[]> {
      return textsIn(await client.get(`/groups?search=lister&${query}`), 'full_path');
    }

    expect(await found('')).to.deep.equal(['lister-a', 'lister-a/sub', 'lister-b']);
    expect(await found('owned=True')).to.deep.equal(['lister-a', 'lister-a/sub']);
    expect(await found('min_access_level=30')).to.have.lengthOf(3);
    expect(await found('top_level_only=yes&all_available=true')).to.deep.equal([
      'lister-a',
      'lister-b',
    ]);
    expect(await found('per_page=1&page=3')).to.deep.equal(['lister-b']);
  });

  describe('as namespaces', () => {
    it('have the number that projects say, and come after one’s own', async () => {
      const { user } = await newUser(app, { username: 'zoe' });
      const group = await giveNamespace(app, 'azoe', user, 'maintainer');
      const client = await clientOf(app, user);

      const listed = await client.get('/namespaces?search=zoe');
      const made = await client.post('/projects', { name: 'api', namespace_id: group.id });
      const own = await client.post('/projects', { path: 'mine' });
      const [ownId = 0] = idsIn(listed);

      expect(textsIn(listed, 'full_path')).to.deep.equal(['zoe', 'azoe']);
      expect(textsIn(listed, 'kind')).to.deep.equal(['user', 'group']);
      expect(
        textsIn(await client.get('/namespaces?search=zoe&owned_only=1'), 'path'),
      ).to.deep.equal(['zoe']);
      expect(fieldOf(made, 'path_with_namespace')).to.equal('azoe/api');
      expect(fieldOf(made, 'namespace')).to.deep.include({ id: group.id, kind: 'group' });
      expect(fieldOf(own, 'namespace')).to.deep.include({ id: ownId, kind: 'user' });
      expect((await client.get(`/namespaces/${group.id}`)).body).to.deep.equal(
        fieldOf(made, 'namespace'),
      );
      expect((await client.get('/namespaces/azoe')).status).to.equal(200);
      expect((await client.get('/namespaces/999999')).body).to.deep.equal({
        message: '404 Namespace Not Found',
      });
    });
  });

  describe('and their projects', () => {
    it('are listed right below, or all of them, and count roles from above', async () => {
      const { user } = await newUser(app);
      await giveNamespace(app, 'inherit/deep', user, 'developer');
      const [shallow, deep] = [
        await newProject(app, { path: 'inherit/shallow', visibility: 'internal' }),
        await newProject(app, { path: 'inherit/deep/project' }),
      ];
      const client = await clientOf(app, user);

      async function found(path: string): Promise<number[]> {
        return idsIn(await client.get(path));
      }

      expect(await found('/groups/inherit/projects')).to.deep.equal([shallow.id]);
      expect(await found('/groups/inherit/projects?include_subgroups=true')).to.deep.equal([
        deep.id,
        shallow.id,
      ]);
      expect(await found('/projects?search=inherit&membership=true')).to.deep.equal([deep.id]);
      expect(await found('/projects?search=inherit&min_access_level=30')).to.deep.equal([deep.id]);
      expect(await found('/projects?search=inherit&owned=true')).to.deep.equal([]);
      const { body } = await client.get(`/projects/${deep.id}`);
      expect(body).to.deep.include({
        permissions: {
          project_access: null,
          group_access: { access_level: 30, notification_level: 3 },
        },
      });
    });
  });

  describe('and their members', () => {
    it('are added, changed and removed; a second time is 409, and 404 after', async () => {
      const id = await newGroup('membership');
      const { user } = await newUser(app);
      const path = `/groups/${id}/members`;

      const added = await admin.post(path, { user_id: user.id, access_level: 30, expires_at: '' });
      const again = await admin.post(path, { user_id: user.id, access_level: 30 });
      const changed = await admin.put(`${path}/${user.id}`, { access_level: 40, expires_at: '' });
      const shown = await admin.get(`${path}/${user.id}`);
      const query = 'skip_subresources=false&unassign_issuables=false';
      const removed = await admin.delete(`${path}/${user.id}?${query}`);
      const after = [
        await admin.get(`${path}/${user.id}`),
        await admin.delete(`${path}/${user.id}`),
      ];

      expect(added.status).to.equal(201);
      expect(added.body).to.include({ id: user.id, access_level: 30, expires_at: null });
      expect([again.status, again.body]).to.deep.equal([409, { message: 'Member already exists' }]);
      expect(shown.body).to.deep.equal(changed.body);
      expect(fieldOf(shown, 'access_level')).to.equal(40);
      expect(removed.status).to.equal(204);
      expect(after.map(({ body }) => body)).to.deep.equal([NOT_FOUND, NOT_FOUND]);
    });

    it('are inherited: once each, with the highest role, where all are asked for', async () => {
      const [above, both, own] = [await newUser(app), await newUser(app), await newUser(app)];
      await giveNamespace(app, 'heirs', above.user, 'maintainer');
      await giveNamespace(app, 'heirs', both.user, 'developer');
      await giveNamespace(app, 'heirs/sub', both.user, 'guest');
      const project = await newProject(app, { path: 'heirs/sub/project' });
      await giveRole(app, project, own.user, 'reporter');
      await giveRole(app, project, both.user, 'owner');
      const client = await clientOf(app, above.user);

      async function levels(path: string): Promise<unknown> {
        const { body } = await client.get(path);
        const members = z.array(z.looseObject({ id: z.int(), access_level: z.int() })).parse(body);
        return Object.fromEntries(members.map((member) => [member.id, member.access_level]));
      }

      const [a, b, o] = [above.user.id, both.user.id, own.user.id];
      const all = `/projects/${project.id}/members/all`;
      expect(await levels(`/projects/${project.id}/members`)).to.deep.equal({ [b]: 50, [o]: 20 });
      expect(await levels(all)).to.deep.equal({ [a]: 40, [b]: 50, [o]: 20 });
      expect(await levels(`/groups/${encoded('heirs/sub')}/members/all`)).to.deep.equal({
        [a]: 40,
        [b]: 30,
      });
      expect(await levels(`${all}?query=${above.user.username}`)).to.deep.equal({ [a]: 40 });
      expect(await levels(`${all}?user_ids=${b},${o}&per_page=1&page=2`)).to.deep.equal({
        [o]: 20,
      });
      expect(fieldOf(await client.get(`${all}/${a}`), 'access_level')).to.equal(40);
      expect((await client.get(`/projects/${project.id}/members/${a}`)).body).to.deep.equal(
        NOT_FOUND,
      );
    });
  });

  describe('and their deploy tokens', () => {
    it('have ids of their own among all, and are gone when they are revoked', async () => {
      const id = await newGroup('tokens');
      const project = await newProject(app, { path: 'tokens/project' });
      const path = `/groups/${id}/deploy_tokens`;

      const made = await admin.post(path, { ...PULL, username: '', expires_at: '' });
      const other = await admin.post(`/projects/${project.id}/deploy_tokens`, PULL);
      const elsewhere = await admin.get(`/projects/${project.id}/deploy_tokens/${idIn(made)}`);
      const listed = idsIn(await admin.get(path));
      const deleted = await admin.delete(`${path}/${idIn(made)}`);
      const after = [
        await admin.get(`${path}/${idIn(made)}`),
        await admin.delete(`${path}/${idIn(made)}`),
      ];

      expect(made.body).to.include({ username: `deploy-token-${idIn(made)}`, expires_at: null });
      expect(idIn(other)).not.to.equal(idIn(made));
      expect(elsewhere.body).to.deep.equal(NOT_FOUND);
      expect(listed).to.deep.equal([idIn(made)]);
      expect(deleted.status).to.equal(204);
      expect(after.map(({ body }) => body)).to.deep.equal([NOT_FOUND, NOT_FOUND]);
    });

    it('are narrowed by `only`, to what they reach', async () => {
      const id = await newGroup('narrowed');
      const path = `/groups/${id}/deploy_tokens`;

      const list = await admin.post(path, { ...PULL, only: ['Narrowed/a', 'narrowed/b/c'] });
      const text = await admin.post(path, { ...PULL, only: 'narrowed/a,narrowed/d' });
      const outside = await admin.post(path, { ...PULL, only: ['finance/secret'] });
      const shown = await admin.get(`${path}/${idIn(list)}`);

      expect(fieldOf(shown, 'only')).to.deep.equal(['narrowed/a', 'narrowed/b/c']);
      expect(fieldOf(text, 'only')).to.deep.equal(['narrowed/a', 'narrowed/d']);
      expect([outside.status, outside.body]).to.deep.equal([
        400,
        { message: 'This deploy token would not reach finance/secret.' },
      ]);
    });

    it('of the instance are the administrators’', async () => {
      const made = await admin.post('/deploy_tokens', PULL);
      const stranger = await clientOf(app, (await newUser(app)).user);

      expect((await stranger.post('/deploy_tokens', PULL)).body).to.deep.equal(FORBIDDEN);
      expect(idsIn(await admin.get('/deploy_tokens?per_page=100'))).to.include(idIn(made));
      expect((await admin.delete(`/deploy_tokens/${idIn(made)}`)).status).to.equal(204);
      expect((await admin.get(`/deploy_tokens/${idIn(made)}`)).body).to.deep.equal(NOT_FOUND);
    });
  });
});
