import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { INSTANCE, type DeployToken, type Owner } from '../../src/access/deploy-token.js';
import type { Namespace } from '../../src/access/namespace.js';
import type { Project } from '../../src/access/project.js';
import { createDeployToken } from '../../src/services/deploy-tokens.js';
import { createNamespace, removeNamespace } from '../../src/services/namespaces.js';
import { setMember } from '../../src/services/members.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { hidden, webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';

const NOW = new Date('2031-05-01T12:00:00Z');

describe('the pages of namespaces', () => {
  let app: TestApp;
  let data: WebData;
  let deps: Parameters<typeof createDeployToken>[0] & Parameters<typeof createNamespace>[0];
  let zoo: Namespace;
  let animals: Namespace;
  let otters: Project;
  /** A maintainer of zoo, a developer of the project alone, and somebody with no role. */
  let mona: WebClient;
  let dora: WebClient;
  let olga: WebClient;
  let admin: WebClient;

  before(async () => {
    app = await startApp({ now: () => NOW });
    data = webData(app, () => NOW);
    deps = { store: app.service.store, now: () => NOW, tokenPrefix: 'gldt-', quotas: NO_QUOTAS };
    zoo = await createNamespace(deps, OPERATOR, 'Zoo');
    animals = await createNamespace(deps, OPERATOR, 'Zoo/animals');
    otters = await data.project('Zoo/animals/otters');
    await data.project('zoo-evil/app');
    await data.project('Zoo/map', 'internal');
    mona = await member('mona', zoo);
    dora = await data.signedIn('dora', 'developer', otters);
    olga = await data.signedIn('olga', null, otters);
    await data.user('root', { isAdmin: true });
    admin = webClient(app.origin);
    await admin.signIn('root', PASSWORD);
  });

  after(async () => {
    await app.stop();
  });

  async function member(username: string, namespace: Namespace): Promise<WebClient> {
    const user = await data.user(username);
    await setMember(deps, OPERATOR, namespace, { user, role: 'maintainer' });
    const client = webClient(app.origin);
    await client.signIn(username, PASSWORD);
    return client;
  }

  async function tokenOf(
    owner: Owner,
    name: string,
    only: string[] | null = null,
  ): Promise<number> {
    const scopes = ['read_registry'] as const;
    const input = { name, scopes, only, expiresAt: null, username: null };
    return (await createDeployToken(deps, OPERATOR, owner, input)).token.id;
  }

  async function rolesOf(...userIds: readonly number[]): Promise<(string | null)[]> {
    const { members } = app.service.store;
    return await Promise.all(userIds.map(async (id) => await members.roleIn(animals, id)));
  }

  describe('contents', () => {
    it('lists namespaces and projects right below, and what lies deeper when asked', async () => {
      const html = await pageFor(mona, '/Zoo');

      expect(html).to.include('href="/Zoo/animals"').and.include('href="/Zoo/map"');
      expect(html).to.not.include('href="/Zoo/animals/otters"').and.not.include('zoo-evil');
      expect(await pageFor(mona, '/zoo?show=below')).to.include('href="/Zoo/animals/otters"');
      expect(await pageFor(mona, '/zoo?q=otter')).to.include('href="/Zoo/animals/otters"');
    });

    it('are of what the visitor sees, and of no more', async () => {
      const forOlga = await pageFor(olga, '/Zoo?show=below');

      expect(forOlga).to.include('href="/Zoo/map"').and.not.include('otters');
      expect(await pageFor(dora, '/Zoo/animals')).to.include('href="/Zoo/animals/otters"');
    });

    it('are not there for those who see nothing below, as where there is no namespace', async () => {
      const secret = await olga.get('/Zoo/animals');
      const missing = await olga.get('/Zoo/nothing');

      expect([secret.status, missing.status]).to.deep.equal([404, 404]);
      expect(secret.html.replaceAll('animals', 'nothing')).to.equal(missing.html);
    });

    it('are found from home: the top level, and any other by a search', async () => {
      const home = await pageFor(mona, '/');
      const search = await pageFor(mona, '/?show=all&q=anim');

      expect(home).to.include('href="/Zoo"').and.not.include('href="/Zoo/animals"');
      expect(search).to.include('href="/Zoo/animals"');
      expect(await pageFor(olga, '/?show=all&q=anim')).to.not.include('href="/Zoo/animals"');
    });

    it('are where the crumbs of a project lead', async () => {
      const html = await pageFor(dora, '/Zoo/animals/otters');

      expect(html).to.include('<a href="/Zoo">').and.include('<a href="/Zoo/animals">');
    });
  });

  it('have no settings for those who have a role below alone, nor beside', async () => {
    const tabs = ['repository', 'repository/deploy_tokens/new', 'members', 'general', 'audit'];
    for (const tab of tabs) {
      const path = `/Zoo/animals/-/settings/${tab}`;
      expect((await dora.get(path)).status, path).to.equal(403);
      expect((await olga.get(path)).status, path).to.equal(404);
      expect((await mona.get(path)).status, path).to.equal(200);
    }
  });

  describe('deploy tokens', () => {
    it('are made for what lies below, narrowed, shown once, and revoked', async () => {
      const list = '/Zoo/-/settings/repository';
      await mona.get(`${list}/deploy_tokens/new`);
      const { status, html } = await mona.submit(`${list}/deploy_tokens/new`, {
        name: 'cluster',
        scopes: ['read_registry', 'read_repository'],
        only: 'zoo/animals\nZoo/map/tiles',
      });
      const [token] = (await tokensNamed(app, 'cluster')).slice(-1);

      expect(status).to.equal(200);
      expect(html).to.include('docker pull').and.include('/zoo/animals:latest');
      expect(token?.owner).to.include({ kind: 'namespace', path: 'zoo' });
      expect(token?.only).to.deep.equal(['zoo/animals', 'zoo/map/tiles']);
      const shown = await pageFor(mona, list);
      expect(shown).to.include('only <code>zoo/animals</code>');
      const own = await pageFor(mona, `${list}/deploy_tokens/${token?.id}`);
      expect(own).to.include('every project below Zoo');
      const { headers } = await mona.submit(`${list}/deploy_tokens/${token?.id}/revoke`, {});
      expect(headers.get('location')).to.include(`${list}?notice=token-revoked`);
      expect((await tokensNamed(app, 'cluster')).at(-1)?.revokedAt).to.deep.equal(NOW);
    });

    it('cannot be narrowed to what their owner does not reach', async () => {
      const form = '/Zoo/-/settings/repository/deploy_tokens/new';
      await mona.get(form);
      const fields = { name: 'greedy', scopes: 'read_registry', only: 'zoo-evil/app' };

      const { status, html } = await mona.submit(form, fields);

      expect(status).to.equal(422);
      expect(html).to.include('would not reach zoo-evil/app');
      expect(html).to.include('href="#only"');
    });

    it('of one owner have no page below another', async () => {
      const id = await tokenOf(zoo, 'zoo only');
      for (const path of ['/Zoo/animals', '/Zoo/animals/otters']) {
        const below = `${path}/-/settings/repository/deploy_tokens/${id}`;
        expect((await mona.get(below)).status).to.equal(404);
        expect((await mona.get(`${below}/revoke`)).status).to.equal(404);
      }
      expect((await admin.get(`/admin/deploy_tokens/${id}`)).status).to.equal(404);
    });

    it('from above are listed where they reach, with a link for those who manage them', async () => {
      const id = await tokenOf(zoo, 'zoo cluster');
      await tokenOf(INSTANCE, 'every cluster');
      await tokenOf(zoo, 'the map alone', ['zoo/map']);
      const oscar = await data.signedIn('oscar', 'owner', otters);
      const path = '/Zoo/animals/otters/-/settings/repository';

      const forOscar = await pageFor(oscar, path);
      const forMona = await pageFor(mona, path);

      for (const html of [forOscar, forMona]) {
        expect(html).to.include('zoo cluster').and.include('every cluster');
        expect(html).to.not.include('the map alone');
      }
      const link = `href="/zoo/-/settings/repository/deploy_tokens/${id}"`;
      expect(forOscar).to.not.include(link);
      expect(forMona).to.include(link);
    });
  });

  it('say of a deploy token from above only what of it reaches the place', async () => {
    await tokenOf(zoo, 'narrowed', ['zoo/animals/otters', 'zoo/secret-merger', 'zoo/map']);
    const theo = await data.signedIn('theo', 'owner', otters);

    const html = await pageFor(theo, '/Zoo/animals/otters/-/settings/repository');

    expect(html).to.include('only <code>zoo/animals/otters</code>');
    expect(html).to.not.include('secret-merger').and.not.include('zoo/map');
  });

  describe('members', () => {
    it('are listed with those inherited, and where from', async () => {
      const html = await pageFor(mona, '/Zoo/animals/otters/-/settings/members');

      expect(html).to.include('Inherited members (1)');
      expect(html).to.match(/mona.*maintainer.*href="\/Zoo\/-\/settings\/members"/s);
    });

    it('are added several at once by name, or none where one is unknown', async () => {
      const pat = await data.user('pat');
      const quin = await data.user('quin');
      const path = '/Zoo/animals/-/settings/members';
      await mona.get(path);

      const wrong = await mona.submit(path, {
        do: 'set',
        username: 'pat, nobody, none',
        role: 'guest',
      });
      const rolesBefore = await rolesOf(pat.id, quin.id);
      const right = await mona.submit(path, { do: 'set', username: 'pat, Quin', role: 'guest' });

      expect(wrong.status).to.equal(422);
      expect(wrong.html).to.include('There are no users nobody, none.');
      expect(rolesBefore).to.deep.equal([null, null]);
      expect(right.headers.get('location')).to.include('member-set');
      expect(await rolesOf(pat.id, quin.id)).to.deep.equal(['guest', 'guest']);
    });

    it('keep a higher role until the question what they lose is answered', async () => {
      const [rita, sam] = [await data.user('rita'), await data.user('sam')];
      const path = '/Zoo/animals/-/settings/members';
      const lower = { do: 'set', username: 'rita, sam', role: 'guest' };
      await mona.get(path);
      await mona.submit(path, { do: 'set', username: 'rita', role: 'maintainer' });

      const question = await mona.submit(path, lower);
      const rolesBefore = await rolesOf(rita.id, sam.id);
      const answer = await mona.submit(path, { ...lower, sure: hidden(question.html, 'sure') });

      expect(question.status).to.equal(200);
      expect(question.html)
        .to.include('Lower rita to guest in Zoo/animals?')
        .and.include('rita is maintainer now. A guest sees that it is there, and neither pulls')
        .and.include('name="username" value="rita, sam"');
      expect(rolesBefore).to.deep.equal(['maintainer', null]);
      expect(answer.headers.get('location')).to.include('member-set');
      expect(await rolesOf(rita.id, sam.id)).to.deep.equal(['guest', 'guest']);
    });

    it('are offered to choose from where they share a place with the visitor', async () => {
      await data.user('zelda');
      const html = await pageFor(mona, '/Zoo/animals/-/settings/members');
      const forAdmin = await pageFor(admin, '/Zoo/animals/-/settings/members');

      expect(html).to.match(/<input[^>]* id="username"[^>]* list="username-offers"/);
      expect(html).to.include('<option value="dora">').and.not.include('"zelda"');
      expect(forAdmin).to.include('<option value="zelda">');
    });

    it('of a namespace are given a role that holds below, and lose it', async () => {
      await data.user('nina');
      const path = '/Zoo/animals/-/settings/members';
      await mona.get(path);
      await mona.submit(path, { do: 'set', username: 'nina', role: 'maintainer' });
      const nina = webClient(app.origin);
      await nina.signIn('nina', PASSWORD);
      const settings = '/Zoo/animals/otters/-/settings/repository';

      expect((await nina.get(settings)).status).to.equal(200);
      await mona.submit(path, { do: 'remove', username: 'nina' });
      expect((await nina.get(settings)).status).to.equal(404);
    });
  });

  describe('audit', () => {
    it('has what was done in the namespace and below it, with links, and nothing beside', async () => {
      await tokenOf(animals, 'audited here');
      await tokenOf(otters, 'audited below');
      await tokenOf(zoo, 'audited above');
      const evil = await data.project('zoo/animals-evil');
      await tokenOf(evil, 'audited beside');

      const html = await pageFor(mona, '/Zoo/animals/-/settings/audit?action=deploy_token_created');

      expect(html).to.include('audited here').and.include('audited below');
      expect(html).to.not.include('audited above').and.not.include('audited beside');
      expect(html).to.match(/href="\/Zoo\/animals\/-\/settings\/repository\/deploy_tokens\/\d+"/);
      const { html: csv } = await mona.get('/Zoo/animals/-/settings/audit.csv');
      expect(csv).to.include('"Zoo/animals"').and.include('audited below');
    });

    it('has nothing of a namespace of before with the same path', async () => {
      const before = new Date(NOW.getTime() - 1);
      const earlier = { ...deps, now: () => before };
      const old = await createNamespace(earlier, OPERATOR, 'reused');
      await createDeployToken(earlier, OPERATOR, old, {
        name: 'of an earlier owner',
        scopes: ['read_registry'],
        expiresAt: null,
        username: null,
      });
      await removeNamespace(earlier, OPERATOR, old);
      const reused = await createNamespace(deps, OPERATOR, 'reused');
      const newcomer = await member('newcomer', reused);

      const html = await pageFor(newcomer, '/reused/-/settings/audit');

      expect(html).to.include('created the namespace').and.not.include('of an earlier owner');
    });
  });

  describe('making', () => {
    it('is offered to maintainers, in the namespaces that they maintain', async () => {
      const html = await pageFor(mona, '/projects/new?in=Zoo/animals');

      expect(html).to.include('<option value="Zoo/animals">').and.include('<option value="mona">');
      expect(html).to.include('value="Zoo/animals"').and.not.include('zoo-evil');
      expect(await pageFor(mona, '/Zoo')).to.include('/projects/new?in=Zoo');
      expect(await pageFor(dora, '/Zoo')).to.not.include('/projects/new?in=');
    });

    it('makes a project in one, and says so', async () => {
      await mona.get('/projects/new');
      const made = await mona.submit('/projects/new', {
        namespace: 'Zoo/animals',
        name: 'seals',
        visibility: 'private',
      });

      expect(made.headers.get('location')).to.include('/Zoo/animals/seals?notice=project-created');
    });

    it('is refused elsewhere, at the field, with what was typed', async () => {
      for (const page of ['/projects/new', '/-/namespaces/new']) {
        await mona.get(page);
        const { status, html } = await mona.submit(page, { namespace: 'zoo-evil', name: 'mine' });

        expect(status).to.equal(422);
        expect(html).to.include('value="zoo-evil"').and.include('href="#namespace"');
        expect(html).to.match(/id="namespace-error">Only /);
      }
    });

    it('makes namespaces below for maintainers, top-level ones for administrators alone', async () => {
      await mona.get('/-/namespaces/new');
      const below = await mona.submit('/-/namespaces/new', { namespace: 'Zoo', name: 'plants' });
      const topLevel = await mona.submit('/-/namespaces/new', { namespace: '', name: 'circus' });
      await admin.get('/-/namespaces/new');
      const byAdmin = await admin.submit('/-/namespaces/new', { namespace: '', name: 'circus' });

      expect(below.headers.get('location')).to.include('/Zoo/plants?notice=namespace-created');
      expect(topLevel.status).to.equal(422);
      expect(byAdmin.headers.get('location')).to.include('/circus?notice=namespace-created');
    });

    it('says what to do to whoever maintains no namespace', async () => {
      // No path can have this name, so there is no namespace of theirs.
      const nobody = await data.signedIn('no--.body', null, otters);

      const html = await pageFor(nobody, '/projects/new');

      expect(html)
        .to.include('Ask a maintainer of the namespace')
        .and.not.include('Create project');
      expect(await pageFor(nobody, '/')).to.not.include('/projects/new');
    });
  });

  describe('removal', () => {
    it('takes the typed path, and an empty namespace', async () => {
      const path = '/gone/-/settings/general';
      const gone = await createNamespace(deps, OPERATOR, 'gone');
      await tokenOf(gone, 'of a namespace that goes');
      await admin.get(path);

      const unsure = await admin.submit(path, { path: 'gon' });
      const done = await admin.submit(path, { path: 'gone' });
      await admin.get('/Zoo/-/settings/general');
      const full = await admin.submit('/Zoo/-/settings/general', { path: 'Zoo' });

      expect(unsure.status).to.equal(422);
      expect(done.headers.get('location')).to.include('/?notice=namespace-removed');
      expect((await admin.get('/gone')).status).to.equal(404);
      expect(full.status).to.equal(422);
      expect(full.html).to.include('Zoo is not empty');
    });
  });

  describe('the inventory', () => {
    it('lists the deploy tokens of every owner, by filter and by search', async () => {
      await tokenOf(INSTANCE, 'inventory of all');
      await tokenOf(zoo, 'inventory of zoo');
      await tokenOf(otters, 'inventory of otters');

      const html = await pageFor(admin, '/admin/deploy_tokens?q=inventory');
      const ofInstance = await pageFor(admin, '/admin/deploy_tokens?q=inventory&show=instance');

      expect(html).to.include('inventory of all').and.include('inventory of zoo');
      expect(html).to.include('href="/Zoo/animals/otters/-/settings/repository/deploy_tokens/');
      expect(ofInstance).to.include('inventory of all').and.not.include('inventory of zoo');
      expect(await pageFor(admin, '/admin/deploy_tokens?show=inactive')).to.not.include(
        'inventory',
      );
    });

    it('finds those that never expire, and gives what it shows as CSV, without a secret', async () => {
      const csv = '/admin/deploy_tokens.csv?q=for+csv';
      const scopes = ['read_registry', 'read_repository'] as const;
      const input = { scopes, only: ['zoo/map'], username: 'for-csv' };
      const lasting = { ...input, name: '=for csv, lasting', expiresAt: null };
      const { token, secret } = await createDeployToken(deps, OPERATOR, zoo, lasting);
      const ending = { ...input, name: 'for csv, ending', expiresAt: new Date('2099-01-01') };
      await createDeployToken(deps, OPERATOR, zoo, ending);

      const page = await pageFor(admin, '/admin/deploy_tokens?show=lasting&q=for+csv');
      const { html, headers } = await admin.get(`${csv}&show=lasting`);

      expect(page).to.include('for csv, lasting').and.not.include('for csv, ending');
      expect(page).to.include('href="/admin/deploy_tokens.csv?show=lasting&amp;q=for+csv"');
      expect(headers.get('content-disposition')).to.include('deploy-tokens.csv');
      const [heading = '', row = '', ...rest] = html.split('\r\n');
      expect(heading).to.match(
        /^"id","name","username","kind","owner_kind","owner","only","scopes"/,
      );
      expect(row).to.include(
        `"${token.id}","'=for csv, lasting","for-csv","secret","namespace","Zoo","zoo/map","read_repository read_registry"`,
      );
      expect(rest).to.deep.equal(['']);
      expect((await pageFor(admin, csv)).trim().split('\r\n')).to.have.lengthOf(3);
      expect(html).to.not.include(secret.reveal());
      expect((await mona.get(csv)).status).to.equal(403);
    });

    it('makes, shows and revokes a deploy token of the instance', async () => {
      await admin.get('/admin/deploy_tokens/new');
      const created = await admin.submit('/admin/deploy_tokens/new', {
        name: 'all clusters',
        scopes: 'read_registry',
      });
      const id = Number(/deploy-token-(?<id>\d+)/.exec(created.html)?.groups?.['id']);

      expect(created.status).to.equal(200);
      expect(created.html).to.include('every project');
      expect(await pageFor(admin, `/admin/deploy_tokens/${id}`)).to.include('the instance');
      await admin.get(`/admin/deploy_tokens/${id}/revoke`);
      const revoked = await admin.submit(`/admin/deploy_tokens/${id}/revoke`, {});
      expect(revoked.headers.get('location')).to.include(
        '/admin/deploy_tokens?notice=token-revoked',
      );
      const audit = await pageFor(admin, `/admin/audit?token=${id}`);
      expect(audit).to.include(`href="/admin/deploy_tokens/${id}"`);
    });
  });
});

/** The page, when it is there. */
async function pageFor(client: WebClient, path: string): Promise<string> {
  const { status, html } = await client.get(path);
  expect(status, path).to.equal(200);
  return html;
}

/** The oldest first. */
async function tokensNamed({ service }: TestApp, name: string): Promise<readonly DeployToken[]> {
  const { items } = await service.store.deployTokens.page(
    { owner: null, state: null, now: NOW, direction: 'ASC' },
    { limit: 100, start: { after: null }, total: false },
  );
  return items.filter((token) => token.name === name);
}
