import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import type { Stores } from '../../src/store/open-store.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { pageLink, webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';

const PER_PAGE = 50;
/** Two full pages and a third one. */
const MANY = 2 * PER_PAGE + 7;
const NUMBERS = Array.from({ length: MANY }, (_, index) => index + 1);
const AT = new Date('2026-11-22T12:00:00Z');
const USERNAMES = /<p class="title"><(?:bdi|span)>([^<]+)/g;
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

describe('lists that are longer than a page', () => {
  let app: TestApp;
  let data: WebData;
  let digests = 0;

  before(async () => {
    app = await startApp();
    data = webData(app);
  });

  after(async () => {
    await app.stop();
  });

  function digest(): Buffer {
    digests += 1;
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32BE(digests);
    return bytes;
  }

  async function forEach(
    work: (stores: Stores, number: number) => Promise<unknown>,
  ): Promise<void> {
    await app.service.store.write(async (stores) => {
      for (const number of NUMBERS) {
        await work(stores, number);
      }
    });
  }

  async function addToken(
    { deployTokens }: Stores,
    project: Project,
    name: string,
  ): Promise<number> {
    const { id } = await deployTokens.add({
      owner: project,
      only: null,
      name,
      username: null,
      scopes: ['read_registry'],
      expiresAt: null,
      createdAt: AT,
      createdBy: null,
      secretDigest: digest(),
    });
    return id;
  }

  async function admin(username: string): Promise<WebClient> {
    await data.user(username, { isAdmin: true });
    const client = webClient(app.origin);
    await client.signIn(username, PASSWORD);
    return client;
  }

  describe('/', () => {
    let insider: WebClient;

    before(async () => {
      await forEach(async ({ projects }, number) => {
        const name = String(number).padStart(3, '0');
        await projects.add({ path: `home/p${name}-private`, visibility: 'private', createdAt: AT });
        await projects.add({ path: `home/p${name}-public`, visibility: 'public', createdAt: AT });
      });
      const own = await data.project('home/own');
      insider = await data.signedIn('home-insider', 'guest', own);
    });

    const SHOWN = { of: 'projects', row: /<p class="title"><a href="\/(home\/[^"]+)"/g };
    const PUBLIC = NUMBERS.map((number) => `home/p${String(number).padStart(3, '0')}-public`);

    it('shows a stranger every public project, and no other', async () => {
      const pages = await walk(webClient(app.origin), '/', SHOWN);

      expect(pages.map(({ length }) => length)).to.deep.equal([50, 50, 7]);
      expect(pages.flat()).to.deep.equal(PUBLIC);
    });

    it('shows members their own ones first', async () => {
      expect(await walk(insider, '/', SHOWN)).to.deep.equal([['home/own']]);
    });

    it('shows a member all others too, each page full', async () => {
      const pages = await walk(insider, '/?show=all', SHOWN);

      expect(pages.map(({ length }) => length)).to.deep.equal([50, 50, 8]);
      expect(pages.flat()).to.deep.equal(['home/own', ...PUBLIC]);
    });

    it('shows administrators all', async () => {
      const pages = await walk(await admin('home-admin'), '/', SHOWN);

      expect(pages.flat()).to.have.lengthOf(2 * MANY + 1);
    });

    // A cursor is text in an address. It names a place in the order of the list and nothing else: with
    // the place of a project that one may not see, one sees what is behind it, and may be seen.
    it('shows behind any place what one may see alone', async () => {
      const after = Buffer.from('["home/p100-private"]').toString('base64url');

      const { html } = await webClient(app.origin).get(`/?after=${after}`);

      expect(html).to.include('home/p100-public').and.not.include('-private');
    });

    it('refuses a place that there is none of', async () => {
      const answer = await insider.get('/?after=junk');

      expect(answer.status).to.equal(400);
      expect(answer.html).to.include('Open the list again from its first page.');
    });
  });

  it('/admin/users: every account once, with the number of all', async () => {
    await forEach(async (stores, number) => await addUser(stores, `users-${number}.`));
    const client = await admin('users-admin');

    const pages = await walk(client, '/admin/users', { of: 'users', row: USERNAMES });

    const usernames = pages.flat();
    const { html } = await client.get('/admin/users');
    expect(html).to.include(`All users (${usernames.length})`);
    expect(new Set(usernames).size).to.equal(usernames.length);
    expect(usernames).to.include.members(NUMBERS.map((number) => `users-${number}.`));
    expect(pages.slice(0, -1).every(({ length }) => length === PER_PAGE)).to.equal(true);
  });

  it('Settings › Members: every member once, and none of another project', async () => {
    const project = await data.project('members/app');
    const other = await data.project('members/other');
    await forEach(async (stores, number) => {
      const id = await addUser(stores, `member-${number}.`);
      await stores.members.set(project, id, 'guest');
      await stores.members.set(other, await addUser(stores, `foreign-${number}.`), 'guest');
    });
    const client = await data.signedIn('members-owner', 'owner', project);
    const address = '/members/app/-/settings/members';

    const pages = await walk(client, address, { of: 'members', row: USERNAMES });

    expect(pages.map(({ length }) => length)).to.deep.equal([50, 50, 8]);
    const expected = NUMBERS.map((number) => `member-${number}.`);
    expect(pages.flat()).to.deep.equal([...expected, 'members-owner']);
    expect((await client.get(address)).html).to.include(`Members (${MANY + 1})`);
  });

  describe('Settings › Repository', () => {
    const ADDRESS = '/tokens/app/-/settings/repository';
    const OF = 'deploy tokens';
    const NAMES = { of: OF, row: /deploy_tokens\/\d+"><bdi>([^<]+)/g };
    let client: WebClient;

    before(async () => {
      const project = await data.project('tokens/app');
      await forEach(async (stores, number) => {
        await addToken(stores, project, `alive-${number}.`);
        const dead = await addToken(stores, project, `dead-${number}.`);
        await stores.deployTokens.revoke(dead, AT, null);
        await stores.deployTokenUses.put([
          {
            deployTokenId: dead,
            usedAt: LONG_AGO,
            fault: null,
            door: 'git',
            address: `used-${number}.`,
            userAgent: '',
            repository: null,
          },
        ]);
      });
      client = await data.signedIn('tokens-owner', 'owner', project);
    });

    it('shows every active deploy token once, newest first', async () => {
      const pages = await walk(client, `${ADDRESS}?show=active`, NAMES);

      expect(pages.map(({ length }) => length)).to.deep.equal([50, 50, 7]);
      expect(pages.flat()).to.deep.equal(NUMBERS.map((number) => `alive-${number}.`).toReversed());
    });

    it('shows every revoked one once, with its last use, and goes on showing those', async () => {
      const pages = await walk(client, `${ADDRESS}?show=inactive`, NAMES);
      const uses = await walk(client, `${ADDRESS}?show=inactive`, {
        of: OF,
        row: /<bdi>(used-\d+\.)/g,
      });

      expect(pages.flat()).to.deep.equal(NUMBERS.map((number) => `dead-${number}.`).toReversed());
      expect(uses.flat()).to.deep.equal(NUMBERS.map((number) => `used-${number}.`).toReversed());
    });

    it('tells how many there are of either, whichever are shown', async () => {
      const active = await client.get(`${ADDRESS}?show=active`);
      const inactive = await client.get(`${ADDRESS}?show=inactive`);

      expect(active.html).to.include(`Active Deploy Tokens (${MANY})`);
      expect(active.html).to.include(`Show expired and revoked ones (${MANY})`);
      expect(inactive.html).to.include(`Expired and revoked Deploy Tokens (${MANY})`);
      expect(inactive.html).to.include(`${MANY} active.`);
    });
  });

  it('the profile: every active token and every session once, each list by itself', async () => {
    const { id: userId } = await data.user('profile-ada');
    await forEach(async ({ accessTokens, sessions }, number) => {
      const token = { userId, name: `laptop-${number}.`, scopes: ['api'] } as const;
      const ofToken = { ...token, expiresAt: null, createdAt: AT };
      await accessTokens.add({ ...ofToken, secretDigest: digest() });
      await accessTokens.add({ ...ofToken, name: 'old', expiresAt: AT, secretDigest: digest() });
      const session = { userId, address: '', expiresAt: new Date('2999-01-01T00:00:00Z') };
      // Many of one moment: their order is then that of their numbers.
      const seen = new Date(Date.now() - Math.floor(number / 20) * 1000);
      const client = `browser-${number}.`;
      await sessions.add({ ...session, client, createdAt: seen, secretDigest: digest() });
      await sessions.add({
        ...session,
        client: 'idle',
        createdAt: LONG_AGO,
        secretDigest: digest(),
      });
    });
    const client = webClient(app.origin);
    await client.signIn('profile-ada', PASSWORD);
    const TOKENS = {
      of: 'personal access tokens',
      row: /<p class="title"><bdi>(laptop-\d+\.|old)</g,
    };
    const SESSIONS = { of: 'sessions', row: /<bdi title="[^"]*">(browser-\d+\.|idle)/g };

    const tokens = await walk(client, '/-/profile', TOKENS);
    const sessions = await walk(client, '/-/profile', SESSIONS);

    expect(tokens.flat()).to.deep.equal(NUMBERS.map((number) => `laptop-${number}.`).toReversed());
    expect(sessions.flat()).to.have.lengthOf(MANY);
    expect(sessions.flat()).to.have.members(NUMBERS.map((number) => `browser-${number}.`));
    const { html } = await client.get('/-/profile');
    expect(html).to.include(`Personal access tokens (${MANY})`);
    expect(html).to.include(`Where you are signed in (${MANY + 1})`);
    const furtherSessions = await client.get(pageLink(html, SESSIONS.of, 'next') ?? expect.fail());
    const furtherTokens = pageLink(furtherSessions.html, TOKENS.of, 'next');
    expect(furtherTokens, 'leaves the sessions where they are').to.match(
      /\?sessions_after=.*&tokens_after=/,
    );
    expect(pageLink(furtherSessions.html, SESSIONS.of, 'first')).to.equal(
      '/-/profile#sessions-title',
    );
  });

  it('Settings › Audit: every event of the project once, the latest first', async () => {
    const project = await data.project('audit/app');
    const { id: projectId, path: projectPath } = project;
    await forEach(async ({ auditEvents }, number) => {
      const event = {
        at: AT,
        action: 'member_set',
        actorId: null,
        actor: '',
        projectId,
        projectPath,
        namespaceId: null,
        namespacePath: null,
        subjectId: null,
        subject: `subject-${number}.`,
        detail: '',
        origin: { door: 'cli', address: null, requestId: null },
      } as const;
      await auditEvents.add(event);
      await auditEvents.add({ ...event, projectId: null, subject: `elsewhere-${number}.` });
    });
    const client = await data.signedIn('audit-owner', 'owner', project);
    const subjects = { of: 'events', row: /<bdi>((?:subject|elsewhere)-\d+\.)/g };

    const own = await walk(client, '/audit/app/-/settings/audit', subjects);
    const all = await walk(await admin('audit-admin'), '/admin/audit', subjects);

    const expected = NUMBERS.map((number) => `subject-${number}.`).toReversed();
    expect(own.flat()).to.deep.equal(expected);
    expect(all.flat())
      .to.have.lengthOf(2 * MANY)
      .and.include.members(expected);
  });
});

async function addUser({ users }: Stores, username: string): Promise<number> {
  const user = { username, displayName: username, passwordHash: null, isAdmin: false };
  return (await users.add({ ...user, createdAt: AT })).id;
}

interface Shown {
  /** What the list holds, as its links say. */
  readonly of: string;
  readonly row: RegExp;
}

/** What a list shows on each of its pages, going on by its links alone. */
async function walk(client: WebClient, first: string, { of, row }: Shown): Promise<string[][]> {
  const pages: string[][] = [];
  let address: string | null = first;
  while (address !== null) {
    const { status, html } = await client.get(address);
    expect(status, address).to.equal(200);
    pages.push(Array.from(html.matchAll(row), ([, text = '']) => text));
    address = pageLink(html, of, 'next');
  }
  return pages;
}
