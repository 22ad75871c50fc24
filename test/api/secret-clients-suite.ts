/**
 * The requests of what makes deploy tokens and personal access tokens by itself: External Secrets' generator
 * `GitlabDeployToken`, Vault's plugin gitlab-secrets, glab and python-gitlab, in their order.
 */

import { expect } from 'chai';
import { z } from 'zod';
import { newAccessToken, newUser } from '../doors/app-data.js';
import { askByGet, grantedBy, repository, type Login } from '../support/token-client.js';
import type { TestApp } from '../support/start-app.js';
import { apiClient, encoded, fieldOf, idIn, idsIn, textIn, type ApiClient } from './api-client.js';

export function describeSecretClients(app: TestApp): void {
  describe('clients that make tokens, as recorded', () => {
    let admin: ApiClient;
    let rootId: number;

    before(async () => {
      const root = await newUser(app, { username: 'vault-root', isAdmin: true });
      rootId = root.user.id;
      admin = apiClient(app, (await newAccessToken(app, root.user, ['api'])).secret);
    });

    for (const [kind, base] of [
      ['project', `/projects/${encoded('cluster/app')}`],
      ['group', '/groups/cluster'],
    ] as const) {
      it(`External Secrets refreshes a deploy token of a ${kind}: the new one first, then the old one goes`, async () => {
        await admin.post('/projects', { path: 'cluster/app' });
        const tokens = `${base}/deploy_tokens`;
        const input = {
          name: 'pull',
          username: 'cluster-pull',
          expires_at: '2099-01-31T00:00:00Z',
          scopes: ['read_registry'],
        };

        const first = await admin.post(tokens, input);
        const second = await admin.post(tokens, input);
        const logins = [first, second].map((made) => ({
          username: textIn(made, 'username'),
          secret: textIn(made, 'token'),
        }));
        const question = { login: logins[1] ?? null, scopes: ['repository:cluster/app:pull'] };
        const granted = grantedBy(await askByGet(app.origin, question));
        const gone = await admin.delete(`${tokens}/${idIn(first)}`);
        const goneAlready = await admin.delete(`${tokens}/${idIn(first)}`);

        expect([first.status, second.status]).to.deep.equal([201, 201]);
        expect(logins.map(({ username }) => username)).to.deep.equal([
          'cluster-pull',
          'cluster-pull',
        ]);
        expect(granted).to.deep.equal([repository('cluster/app', 'pull')]);
        expect([gone.status, goneAlready.status]).to.deep.equal([204, 404]);
        expect(
          await Promise.all(logins.map(async (login) => await pullStatus(app, login))),
        ).to.deep.equal([401, 200]);
        await admin.delete(`${tokens}/${idIn(second)}`);
      });
    }

    it("Vault's plugin rotates its own token, and makes and revokes tokens for leases", async () => {
      const { user } = await newUser(app, { username: 'vault', isAdmin: true });
      const { secret } = await newAccessToken(app, user, ['api'], new Date('2099-01-01'));
      const before = apiClient(app, secret);

      const self = await before.get('/personal_access_tokens/self');
      const own = await before.get(`/users/${String(fieldOf(self, 'user_id'))}`);
      expect((await before.get('/metadata')).status).to.equal(200);
      const rotated = await before.post(`/personal_access_tokens/${idIn(self)}/rotate`, {
        expires_at: '2027-06-01',
      });
      const vault = apiClient(app, textIn(rotated, 'token'));
      const [leased] = z
        .array(z.looseObject({ id: z.int() }))
        .parse((await vault.get('/users?username=vault-root')).body);
      const lease = await vault.post(`/users/${leased?.id}/personal_access_tokens`, {
        name: 'vault-lease',
        expires_at: '2027-01-31',
        scopes: ['read_registry'],
      });
      const revoked = await vault.delete(`/personal_access_tokens/${idIn(lease)}`);

      expect(fieldOf(own, 'username')).to.equal('vault');
      expect(rotated.body).to.include({ name: 'laptop', expires_at: '2027-06-01' });
      expect(idIn(rotated)).not.to.equal(idIn(self));
      expect((await before.get('/user')).status).to.equal(401);
      expect(leased?.id).to.equal(rootId);
      expect([lease.status, revoked.status]).to.deep.equal([201, 204]);
    });

    it('glab makes a project, lists by user, and makes, lists, rotates and revokes a token', async () => {
      const { user } = await newUser(app, { username: 'glab' });
      const glab = apiClient(app, (await newAccessToken(app, user, ['api'])).secret);
      const namespace = z
        .array(z.looseObject({ id: z.int() }))
        .parse((await glab.get('/namespaces?search=glab')).body)
        .at(0);

      const made = await glab.post('/projects', {
        name: 'tool',
        path: 'tool',
        namespace_id: namespace?.id,
        description: 'a tool',
        visibility: 'private',
        default_branch: '',
        initialize_with_readme: false,
        tag_list: [],
      });
      const listed = await glab.get('/users/glab/projects?order_by=last_activity_at&per_page=30');
      const own = await glab.get('/user');
      const token = await glab.post('/user/personal_access_tokens', {
        name: 'ci',
        description: 'for ci',
        scopes: ['read_api'],
        expires_at: '2099-01-31',
      });
      const active = await glab.get(
        `/personal_access_tokens?page=1&per_page=100&user_id=${idIn(own)}&state=active&search=ci`,
      );
      const rotated = await glab.post(`/personal_access_tokens/${idIn(token)}/rotate`, {
        expires_at: '2098-01-31',
      });
      const revoked = await glab.delete(`/personal_access_tokens/${idIn(rotated)}`);

      expect(made.body).to.include({ path_with_namespace: 'glab/tool', description: 'a tool' });
      expect(made.body).to.include({ ssh_url_to_repo: fieldOf(made, 'http_url_to_repo') });
      expect(idsIn(listed)).to.deep.equal([idIn(made)]);
      expect(idsIn(active)).to.deep.equal([idIn(token)]);
      expect(rotated.body).to.include({ name: 'ci', expires_at: '2098-01-31' });
      expect(revoked.status).to.equal(204);
    });

    it('python-gitlab sends Python’s booleans, and saves an object whole', async () => {
      const group = await admin.post('/groups', { name: 'py', path: 'py' });
      const project = await admin.post('/projects', { name: 'lib', namespace_id: idIn(group) });

      const lists = [
        await admin.get('/projects?owned=True&archived=False&page=1&per_page=20'),
        await admin.get('/groups?top_level_only=True&all_available=True&search=py'),
        await admin.get('/users?active=True&username=vault-root'),
        await admin.get(`/groups/${idIn(group)}/projects?include_subgroups=True`),
        await admin.get('/personal_access_tokens?revoked=False'),
      ];
      const saved = await admin.put(`/projects/${idIn(project)}`, {
        name: 'lib',
        description: 'saved',
        visibility: 'internal',
      });
      const archived = await admin.post(`/projects/${idIn(project)}/archive`);

      expect(lists.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200]);
      expect(idsIn(lists[3] ?? project)).to.deep.equal([idIn(project)]);
      expect(saved.body).to.include({ description: 'saved', visibility: 'internal' });
      expect(fieldOf(archived, 'archived')).to.equal(true);
    });
  });
}

async function pullStatus(app: TestApp, login: Login): Promise<number> {
  const question = { login, scopes: ['repository:cluster/app:pull'] };
  return (await askByGet(app.origin, question)).status;
}
