/**
 * The requests of Ansible's modules (community.general), which ask by python-gitlab, in their order. A module
 * says "unchanged" when what it reads is what it was told.
 */

import { expect } from 'chai';
import { z } from 'zod';
import { newAccessToken, newUser } from '../doors/app-data.js';
import type { Answer } from '../support/token-client.js';
import type { TestApp } from '../support/start-app.js';
import { apiClient, encoded, fieldOf, idIn, textIn, type ApiClient } from './api-client.js';

const Items = z.array(z.looseObject({ id: z.int() }));

export function describeAnsible(app: TestApp): void {
  describe("Ansible's modules, as recorded", () => {
    let admin: ApiClient;

    before(async () => {
      const root = await newUser(app, { username: 'ansible-root', isAdmin: true });
      admin = apiClient(app, (await newAccessToken(app, root.user, ['api'])).secret);
    });

    it('gitlab_project: makes it, is unchanged, changes it, is absent, and makes it again', async () => {
      const options = {
        name: 'app',
        path: 'app',
        description: 'by ansible',
        issues_enabled: true,
        merge_requests_enabled: false,
        merge_method: 'ff',
        wiki_enabled: true,
        snippets_enabled: true,
        visibility: 'private',
        lfs_enabled: false,
        allow_merge_on_skipped_pipeline: false,
        only_allow_merge_if_pipeline_succeeds: false,
        squash_option: 'never',
        topics: ['ansible'],
        build_timeout: 3600,
        service_desk_enabled: true,
      };
      async function run(wanted: object): Promise<boolean> {
        const username = await signIn(admin);
        const namespace = firstOf(await admin.get(`/namespaces?search=${username}`));
        const key = encoded(`${String(namespace['full_path'])}/app`);
        const found = await admin.get(`/projects/${key}`);
        if (found.status === 404) {
          const more = { namespace_id: namespace.id, initialize_with_readme: false };
          expect((await admin.post('/projects', { ...wanted, ...more })).status).to.equal(201);
          return true;
        }
        const { changed } = differences(found, wanted);
        if (Object.keys(changed).length === 0) {
          return false;
        }
        expect((await admin.put(`/projects/${idIn(found)}`, changed)).status).to.equal(200);
        return true;
      }

      const runs = [await run(options), await run(options)];
      const other = { ...options, description: '', wiki_enabled: false, topics: [] };
      runs.push(await run(other), await run(other));
      const { id } = firstOf(await admin.get('/projects?search=ansible-root/app'));
      const path = encoded('ansible-root/app');
      await admin.delete(`/projects/${id}?permanently_remove=true&full_path=${path}`);
      runs.push(await run(options), await run(options));

      expect(runs).to.deep.equal([true, false, true, false, true, false]);
    });

    it('gitlab_user: makes it, is unchanged, changes it, is absent, and makes it again', async () => {
      const options = {
        name: 'Ann Sible',
        username: 'ann',
        email: 'ann@example.com',
        is_admin: false,
        external: false,
      };
      async function run(wanted: typeof options): Promise<boolean> {
        await signIn(admin);
        const found = Items.parse((await admin.get('/users?search=ann')).body).find(
          ({ username }) => username === wanted.username,
        );
        const { is_admin: isAdmin, ...input } = wanted;
        if (found === undefined) {
          const more = { password: 'a long password', admin: isAdmin, skip_confirmation: true };
          const made = await admin.post('/users', { ...input, ...more, reset_password: false });
          expect(made.status).to.equal(201);
          return true;
        }
        const shown = await admin.get(`/users/${found.id}`);
        const { changed } = differences(shown, wanted);
        if (Object.keys(changed).length === 0) {
          return false;
        }
        const { is_admin: admins, ...rest } = { is_admin: isAdmin, ...changed };
        // python-gitlab sends these three always.
        const always = { email: wanted.email, username: wanted.username, name: wanted.name };
        const more = { admin: admins, skip_reconfirmation: true };
        const body = { ...always, ...rest, ...more };
        expect((await admin.put(`/users/${found.id}`, body)).status).to.equal(200);
        return true;
      }

      const runs = [await run(options), await run(options)];
      const other = { ...options, name: 'Ann', email: 'a@example.com', external: true };
      runs.push(await run(other), await run(other));
      const promoted = { ...other, is_admin: true };
      runs.push(await run(promoted), await run(promoted));
      const { id } = firstOf(await admin.get('/users?search=ann'));
      expect((await admin.delete(`/users/${id}`)).status).to.equal(204);
      runs.push(await run(options), await run(options));

      expect(runs).to.deep.equal([true, false, true, false, true, false, true, false]);
    });

    it('gitlab_group and gitlab_group_members: by a maintainer, who adds somebody by name', async () => {
      const group = { name: 'ops', path: 'ops', description: 'd', visibility: 'private' };
      expect((await admin.get('/groups/ops')).status).to.equal(404);
      const made = await admin.post('/groups', group);
      expect(differences(await admin.get('/groups/ops'), group).changed).to.deep.equal({});
      const maintainer = await newUser(app, { username: 'mia' });
      const other = await newUser(app, { username: 'otto' });
      const mia = apiClient(app, (await newAccessToken(app, maintainer.user, ['api'])).secret);
      const members = `/groups/${idIn(made)}/members`;
      await admin.post(members, { user_id: maintainer.user.id, access_level: 40 });

      await signIn(mia);
      const found = Items.parse((await mia.get('/groups?search=ops&per_page=100')).body);
      const user = firstOf(await mia.get('/users?username=otto&per_page=100'));
      const added = await mia.post(members, { username: 'otto', access_level: 30 });
      const listed = Items.parse((await mia.get(`${members}?per_page=100`)).body);
      const again = await mia.post(members, { username: 'otto', access_level: 30 });

      expect(found.find((each) => each['full_path'] === 'ops')?.id).to.equal(idIn(made));
      expect([user.id, added.status, again.status]).to.deep.equal([other.user.id, 201, 409]);
      expect(listed.map(({ id }) => id)).to.include.members([other.user.id]);
      expect((await admin.get(`/groups/${idIn(made)}/projects`)).body).to.deep.equal([]);
      expect((await admin.delete(`/groups/${idIn(made)}`)).status).to.equal(202);
    });
  });
}

/** As a module compares what it was told with the attributes of what it found. */
function differences(found: Answer, wanted: object): { readonly changed: Record<string, unknown> } {
  const changed = Object.entries(wanted).filter(
    ([name, value]) => JSON.stringify(fieldOf(found, name)) !== JSON.stringify(value),
  );
  return { changed: Object.fromEntries(changed) };
}

/** What every module begins with. */
async function signIn(client: ApiClient): Promise<string> {
  return textIn(await client.get('/user'), 'username');
}

function firstOf(answer: Answer): z.output<typeof Items>[number] {
  const [first] = Items.parse(answer.body);
  expect(first, 'the list is empty').not.to.equal(undefined);
  return first ?? { id: 0 };
}
