/**
 * The requests of Terraform's provider, in its order: as it was seen to send them, with what it compares in
 * the answers. A plan settles when what it reads is what it sent.
 */

import { expect } from 'chai';
import { z } from 'zod';
import type { User } from '../../src/access/user.js';
import { newAccessToken, newUser } from '../doors/app-data.js';
import { askByGet, grantedBy, type Answer } from '../support/token-client.js';
import type { TestApp } from '../support/start-app.js';
import { apiClient, encoded, fieldOf, idIn, textIn, type ApiClient } from './api-client.js';

const GONE = 404;

function expectFields(answer: Answer, status: number, fields: object): void {
  expect(answer.status).to.equal(status);
  expect(answer.body).to.deep.include(fields);
}

/** On an app of its own. */
export function describeTerraform(app: TestApp): void {
  describe("Terraform's provider, as recorded", () => {
    let admin: ApiClient;
    let user: User;

    before(async () => {
      const root = await newUser(app, { username: 'root', isAdmin: true });
      const { secret } = await newAccessToken(app, root.user, ['api']);
      admin = apiClient(app, secret);
      user = (await newUser(app, { username: 'ada' })).user;
    });

    async function newGroup(path: string): Promise<number> {
      return idIn(
        await admin.post('/groups', { name: path, path, default_branch_protection: null }),
      );
    }

    it('makes gitlab_group, plans nothing, changes it, and destroys it', async () => {
      const input = { name: 'tfgrp', path: 'tfgrp', description: 'by tf', visibility: 'private' };
      const made = await admin.post('/groups', { ...input, default_branch_protection: null });
      const group = `/groups/${idIn(made)}`;
      expectFields(made, 201, { ...input, parent_id: null });

      expectFields(await admin.get(group), 200, input);
      expectFields(await admin.get(group), 200, { ...input, full_path: 'tfgrp' });

      const sub = {
        name: 'Backend',
        path: 'backend',
        parent_id: idIn(made),
        visibility: 'private',
      };
      const below = await admin.post('/groups', { ...sub, default_branch_protection: null });
      expectFields(below, 201, { ...sub, full_path: 'tfgrp/backend', description: '' });
      expectFields(await admin.get(`/groups/${encoded('tfgrp/backend')}`), 200, sub);

      const change = { description: 'hi', visibility: 'private' };
      expectFields(await admin.put(group, change), 200, { ...input, ...change });
      expectFields(await admin.get(group), 200, { ...input, ...change });

      for (const id of [idIn(below), idIn(made)]) {
        expect((await admin.delete(`/groups/${id}`)).status).to.be.oneOf([202, 204]);
        expect((await admin.get(`/groups/${id}`)).status).to.equal(GONE);
      }
    });

    it('makes gitlab_group_membership, plans nothing, changes it, and destroys it', async () => {
      const members = `/groups/${await newGroup('tfmembers')}/members`;
      const member = `${members}/${user.id}`;

      const made = await admin.post(members, {
        user_id: user.id,
        access_level: 30,
        expires_at: '',
      });
      expectFields(made, 201, { id: user.id, access_level: 30, expires_at: null });
      expectFields(await admin.get(member), 200, { access_level: 30, expires_at: null });

      const changed = await admin.put(member, { access_level: 40, expires_at: '' });
      expectFields(changed, 200, { access_level: 40, expires_at: null });
      expectFields(await admin.get(member), 200, { access_level: 40 });

      const query = '?skip_subresources=false&unassign_issuables=false';
      expect((await admin.delete(member + query)).status).to.equal(204);
      expect((await admin.get(member)).status).to.equal(GONE);
    });

    for (const [what, more] of [
      ['', { username: '' }],
      [
        ' with a username and an expiry',
        { username: 'tf-robot', expires_at: '2099-01-31T00:00:00Z' },
      ],
    ] as const) {
      it(`makes gitlab_group_deploy_token${what}, plans nothing, replaces it, and destroys it`, async () => {
        const id = await newGroup(`tftokens${what.length}`);
        const tokens = `/groups/${id}/deploy_tokens`;
        const input = { name: 'ci', scopes: ['read_repository', 'read_registry'], ...more };

        const made = await admin.post(tokens, input);
        expectFields(made, 201, {
          name: 'ci',
          scopes: input.scopes,
          revoked: false,
          expired: false,
        });
        expect(textIn(made, 'token')).to.match(/^gldt-/);
        if ('expires_at' in more) {
          expect(Date.parse(textIn(made, 'expires_at'))).to.equal(Date.parse(more.expires_at));
          expect(fieldOf(made, 'username')).to.equal(more.username);
        }
        const { token: _secret, ...rest } = z.looseObject({}).parse(made.body);
        expectFields(await admin.get(`${tokens}/${idIn(made)}`), 200, rest);

        // create_before_destroy: the new one of the same name comes first.
        const next = await admin.post(tokens, input);
        expect(next.status).to.equal(201);
        for (const gone of [idIn(made), idIn(next)]) {
          expect((await admin.delete(`${tokens}/${gone}`)).status).to.equal(204);
          expect((await admin.get(`${tokens}/${gone}`)).status).to.equal(GONE);
        }
      });
    }

    it('makes gitlab_project in a namespace, plans nothing, changes it, and destroys it', async () => {
      const id = await newGroup('tfprojects');
      const input = { name: 'api', namespace_id: id, visibility: 'private' };

      const made = await admin.post('/projects', input);
      const project = `/projects/${idIn(made)}`;
      expectFields(made, 201, { name: 'api', path: 'api', visibility: 'private' });
      expectFields(made, 201, { import_status: 'none', path_with_namespace: 'tfprojects/api' });
      expect(fieldOf(made, 'namespace')).to.deep.include({ id, kind: 'group' });
      expect(fieldOf(made, 'last_activity_at')).to.be.a('string');
      // Anything but 0 or none would make it wait for a branch.
      expect((await admin.get(`/groups/${id}`)).body).not.to.have.property(
        'default_branch_protection',
      );
      expect((await admin.get(project)).body).to.deep.equal(made.body);
      expect((await admin.get(`${project}/push_rule`)).status).to.equal(GONE);

      const changed = await admin.put(project, { name: 'api', visibility: 'internal' });
      expectFields(changed, 200, { name: 'api', visibility: 'internal' });
      expect((await admin.get(project)).body).to.deep.equal(changed.body);

      // permanently_delete_on_destroy
      const forGood = `permanently_remove=true&full_path=${encoded('tfprojects/api')}`;
      expect((await admin.delete(`${project}?${forGood}`)).status).to.equal(202);
      expect((await admin.get(project)).status).to.equal(GONE);

      const again = await admin.post('/projects', input);
      expectFields(again, 201, { path_with_namespace: 'tfprojects/api' });
      expect((await admin.delete(`/projects/${idIn(again)}?${forGood}`)).status).to.equal(202);
      expect((await admin.delete(`/groups/${id}`)).status).to.equal(202);
      expect((await admin.get(`/groups/${id}`)).status).to.equal(GONE);
    });

    it('settles on the name, the description and the settings of gitlab_project, and clears them', async () => {
      const id = await newGroup('tfdetails');
      const input = {
        name: 'Pay ment (prod)',
        namespace_id: id,
        description: 'What is paid.\nAnd when.',
        issues_enabled: true,
        merge_method: 'ff',
        topics: ['money', 'prod'],
        lfs_enabled: false,
        build_timeout: 1200,
      };
      const { namespace_id: _id, ...compared } = input;

      const made = await admin.post('/projects', input);
      const project = `/projects/${idIn(made)}`;
      expectFields(made, 201, { ...compared, path: 'pay-ment-prod' });
      expect((await admin.get(project)).body).to.deep.equal(made.body);

      const changed = await admin.put(project, { name: 'Payment', description: '', topics: [] });
      expectFields(changed, 200, {
        name: 'Payment',
        description: '',
        topics: [],
        merge_method: 'ff',
      });
      expectFields(await admin.get(project), 200, { path: 'pay-ment-prod', name: 'Payment' });
      for (const one of [
        { wiki_enabled: true },
        { squash_option: 'always' },
        { unheard_of: 1 },
        {},
      ]) {
        expect((await admin.put(project, one)).status).to.equal(200);
      }
      expectFields(await admin.get(project), 200, { wiki_enabled: true, squash_option: 'always' });
      const [listed] = z
        .array(z.looseObject({}))
        .parse((await admin.get(`/groups/${id}/projects`)).body);
      expect(listed).to.include({ name: 'Payment', wiki_enabled: true });
    });

    it('makes gitlab_user, plans nothing, changes it, destroys it, and makes it again', async () => {
      const input = {
        username: 'tfuser',
        name: 'Terra',
        email: 'terra@example.com',
        projects_limit: 0,
        can_create_group: false,
        external: false,
        note: 'by tf',
      };
      const more = { password: 'a long password', admin: false, skip_confirmation: true };

      const made = await admin.post('/users', { ...input, ...more, reset_password: false });
      const path = `/users/${idIn(made)}`;
      expectFields(made, 201, { ...input, is_admin: false, state: 'active' });
      expect((await admin.get(path)).body).to.deep.equal(made.body);
      expect(fieldOf(made, 'namespace_id')).to.be.a('number');

      const change = { name: 'Terra Form', note: '', external: true };
      expectFields(await admin.put(path, change), 200, { ...input, ...change });
      expectFields(await admin.get(path), 200, { ...input, ...change });

      expect((await admin.delete(path)).status).to.equal(204);
      expect((await admin.get(path)).status).to.equal(GONE);
      const again = await admin.post('/users', { ...input, ...more });
      expectFields(again, 201, input);
    });

    it('makes gitlab_project in a personal namespace, and asks for the settings then', async () => {
      const made = await admin.post('/projects', { name: 'own', visibility: 'private' });

      expect(fieldOf(made, 'namespace')).to.deep.include({ full_path: 'root', kind: 'user' });
      expect((await admin.get('/application/settings')).body).to.deep.equal({
        default_branch_protection: 0,
      });
    });

    // group.deploytokens.create(…), .list(), .get(…), .delete(…)
    it('and python-gitlab finds the deploy tokens of a group', async () => {
      const id = await newGroup('pygroup');
      await admin.post('/projects', { path: 'pygroup/app' });
      const tokens = `/groups/${id}/deploy_tokens`;

      const made = await admin.post(tokens, {
        name: 'token1',
        scopes: ['read_registry'],
        username: '',
        expires_at: '',
      });
      const login = { username: textIn(made, 'username'), secret: textIn(made, 'token') };
      const question = { login, scopes: ['repository:pygroup/app:pull'] };
      const before = grantedBy(await askByGet(app.origin, question));
      const listed = await admin.get(`${tokens}?page=1&per_page=20`);
      const shown = await admin.get(`${tokens}/${idIn(made)}`);
      await admin.delete(`${tokens}/${idIn(made)}`);

      expect(before).to.have.lengthOf(1);
      expect(listed.body).to.deep.equal([shown.body]);
      expect(listed.headers).to.include({ 'x-total': '1', 'x-page': '1' });
      expect((await askByGet(app.origin, question)).status).to.equal(401);
    });
  });
}
