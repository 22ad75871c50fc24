import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import type { Role } from '../../src/access/role.js';
import { withApp } from '../support/with-app.js';
import { webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';

const NOW = new Date('2026-11-28T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

describe('home', () => {
  const app = withApp({ now: () => NOW });
  let data: WebData;
  let own: Project;
  let read: Project;
  let hidden: Project;
  let maintainer: WebClient;
  let tokens = 0;

  before(async () => {
    data = webData(app, () => NOW);
    own = await data.project('shop/own');
    read = await data.project('shop/read');
    hidden = await data.project('shop/hidden');
    for (const project of [own, read, hidden]) {
      await token(project, `${project.path} soon`, 5);
      await token(project, `${project.path} ended`, -3, -1);
      await token(project, `${project.path} calm`, 100, -1);
      await token(project, `${project.path} ended and quiet`, -3, -4);
    }
    maintainer = await data.signedIn('mona', 'maintainer', own);
    await role('mona', read, 'developer');
  });

  async function token(
    project: Project,
    name: string,
    expiresInDays: number,
    usedInDays: number | null = null,
  ): Promise<void> {
    tokens += 1;
    await app.service.store.write(async ({ deployTokens, deployTokenUses }) => {
      // Not by the service, which makes no expired one.
      const { id } = await deployTokens.add({
        owner: project,
        only: null,
        name,
        username: null,
        scopes: ['read_registry'],
        expiresAt: inDays(expiresInDays),
        createdAt: inDays(-10),
        createdBy: null,
        secretDigest: Buffer.from(String(tokens).padStart(32, '0')),
      });
      if (usedInDays !== null) {
        await deployTokenUses.put([
          {
            deployTokenId: id,
            usedAt: inDays(usedInDays),
            fault: null,
            door: 'registry',
            address: '203.0.113.7',
            userAgent: 'containerd/1.7.22',
            repository: null,
          },
        ]);
      }
    });
  }

  async function role(username: string, project: Project, as: Role): Promise<void> {
    const user = await app.service.store.users.findByUsername(username);
    await data.member(project, user ?? expect.fail('no user'), as);
  }

  async function signedIn(username: string): Promise<WebClient> {
    const client = webClient(app.origin);
    await client.signIn(username, PASSWORD);
    return client;
  }

  it('says what needs a maintainer, of the projects that one maintains alone', async () => {
    const { html } = await maintainer.get('/');

    expect(html).to.match(/Needs you <span class="count">2</);
    expect(html).to.match(/shop\/own ended<\/bdi><\/a> expired 3 days ago and is still used/);
    expect(html).to.match(/shop\/own soon<\/bdi><\/a> expires in 5 days/);
    expect(html).to.not.include('calm').and.not.include('ended and quiet');
    expect(html).to.not.match(/shop\/(read|hidden) /);
  });

  it('shows the first ones of many, with the number of all, and all when asked', async () => {
    const many = await data.project('many/app');
    const client = await data.signedIn('many-owner', 'owner', many);
    await token(many, 'many calm', 100);
    const calm = await client.get('/');
    for (let number = 1; number <= 7; number += 1) {
      await token(many, `many ${number}`, number);
    }

    const some = await client.get('/');
    const all = await client.get('/?needs=all');

    expect(calm.html).to.include('Nothing needs you');
    expect(some.html)
      .to.match(/Needs you <span class="count">7</)
      .and.include('5 of 7');
    expect(some.html.match(/expires in/g)).to.have.lengthOf(5);
    expect(all.html.match(/expires in/g)).to.have.lengthOf(7);
  });

  it('says nothing of deploy tokens to whoever maintains nothing', async () => {
    await data.signedIn('dora', 'developer', own);

    const { html } = await (await signedIn('dora')).get('/');

    expect(html).to.not.include('Needs you').and.not.include('deploy tokens ·');
    expect(html).to.not.include('shop/own soon');
  });

  // The search goes over names, usernames and addresses of machines: for whoever may see them.
  it('finds deploy tokens of the projects that one maintains; administrators find all', async () => {
    await data.user('root', { isAdmin: true });

    const own_ = await maintainer.get('/?show=all&q=soon');
    const all = await (await signedIn('root')).get('/?show=all&q=SOON');
    const stranger = await webClient(app.origin).get('/?show=all&q=soon');

    expect(tokensIn(own_.html)).to.deep.equal(['shop/own soon']);
    expect(tokensIn(all.html)).to.have.members([
      'shop/own soon',
      'shop/read soon',
      'shop/hidden soon',
    ]);
    expect(tokensIn(stranger.html)).to.deep.equal([]);
  });

  it('has the projects of one’s own first, then those that one maintains, then all', async () => {
    const public_ = await data.project('shop/public', 'public');

    for (const [query, expected] of [
      ['', [own, read]],
      ['?show=mine', [own, read]],
      ['?show=maintained', [own]],
      ['?show=all', [own, public_, read]],
      ['?show=all&q=PUB', [public_]],
    ] as const) {
      const { html } = await maintainer.get(`/${query}`);

      expect(projectsIn(html), query).to.deep.equal(expected.map(({ path }) => path));
    }
  });

  it('counts the deploy tokens of the projects that one maintains, and of no other', async () => {
    const { html } = await maintainer.get('/');

    expect(html).to.match(/own<\/span><\/a>.*?2 deploy tokens · last used/);
    expect(html.match(/\d deploy tokens?/g)).to.have.lengthOf(1);
  });
});

describe('the page of a project', () => {
  const app = withApp();

  for (const [as, may, mayNot] of [
    [
      'guest',
      ['You see this project as a guest', 'Ask a maintainer: page-owner'],
      ['docker pull', 'docker push', 'Manage deploy tokens'],
    ],
    [
      'reporter',
      [
        'docker pull',
        'git clone',
        'docker login localhost:5000 -u page-reporter',
        'Ask a maintainer: page-owner',
      ],
      ['docker push', 'git push', 'Manage deploy tokens'],
    ],
    [
      'developer',
      ['docker pull', 'docker push', 'git push', '/-/profile#new-access-token'],
      ['Manage deploy tokens'],
    ],
    ['owner', ['docker pull', 'docker push', 'Manage deploy tokens'], ['Ask a maintainer']],
  ] as const) {
    it(`says what a ${as} can do, and nothing else`, async () => {
      const data = webData(app);
      const found = await app.service.store.projects.findByPath('page/app');
      const project = found ?? (await data.project('page/app'));
      if (found === null) {
        await data.member(project, await data.user('page-owner'), 'owner');
      }
      const client =
        as === 'owner' ? webClient(app.origin) : await data.signedIn(`page-${as}`, as, project);
      if (as === 'owner') {
        await client.signIn('page-owner', PASSWORD);
      }

      const { html } = await client.get('/page/app');

      for (const text of may) {
        expect(html, text).to.include(text);
      }
      for (const text of mayNot) {
        expect(html, text).to.not.include(text);
      }
    });
  }

  it('names nobody to a stranger, and tells nobody to sign in for what is public', async () => {
    const data = webData(app);
    const project = await data.project('page/public', 'public');
    await data.member(project, await data.user('page-secretive'), 'owner');

    const { html } = await webClient(app.origin).get('/page/public');

    expect(html).to.include('docker pull').and.not.include('docker login');
    expect(html).to.not.include('page-secretive');
  });
});

function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

function tokensIn(html: string): string[] {
  return Array.from(
    html.matchAll(/deploy_tokens\/\d+"><bdi>([^<]+)/g),
    ([, name = '']) => name,
  ).filter((name) => name.endsWith('soon'));
}

function projectsIn(html: string): string[] {
  return Array.from(
    html.matchAll(/<p class="title"><a href="\/(shop\/\w+)"/g),
    ([, path = '']) => path,
  );
}
