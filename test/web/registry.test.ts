import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { registryWalker } from '../../src/services/registry-walk.js';
import { repositoriesOfRegistry } from '../../src/services/registry-inventory.js';
import { AppError } from '../../src/access/errors.js';
import { endWalk } from '../support/registry-inventory.js';
import { withAppForEach } from '../support/with-app.js';
import { webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData } from './web-data.js';

const LIST = '/admin/registry';
const IMPORT = `${LIST}/import`;
const NEVER = new AbortController().signal;

describe('the page of what the registry holds', () => {
  let time = Date.parse('2026-11-01T00:00:00Z');
  const app = withAppForEach({ registryHolds: 'unknown', now: () => new Date(time) });

  async function administrator(): Promise<WebClient> {
    await webData(app).user('root', { isAdmin: true });
    const client = webClient(app.origin);
    await client.signIn('root', PASSWORD);
    return client;
  }

  async function walkFinds(names: readonly string[]): Promise<void> {
    time += 11 * 60_000;
    await endWalk(app.service.store, names, () => new Date(time));
  }

  /** `name: path of its project`, of everything that the registry holds. */
  async function owners(): Promise<string[]> {
    const request = { limit: 1000, start: { after: null }, total: false } as const;
    const { items } = await repositoriesOfRegistry(app.service, OPERATOR, '', request);
    return items.map(({ name, project }) => `${name}: ${project?.path ?? '-'}`);
  }

  it('says how far the walk is, and why it does not go on', async () => {
    const admin = await administrator();
    const before = await admin.get(LIST);
    const failing = registryWalker({
      store: app.service.store,
      now: () => new Date(time),
      betweenPagesMs: 0,
      catalogue: {
        async page(query) {
          return query === null
            ? await Promise.resolve({ names: ['a/b', 'c/d'], next: '2' })
            : await Promise.reject(new AppError('unavailable', 'It <is> away.'));
        },
      },
    });
    await failing(NEVER).catch(() => null);
    const failed = await admin.get(LIST);
    await walkFinds(['a/b', 'c/d', 'e/f']);
    const ended = await admin.get(LIST);

    expect(before.html).to.include('No walk through the registry has begun yet');
    expect(before.html).to.not.include('Import…');
    expect(failed.html).to.include('The registry cannot be read').and.include('It &lt;is> away.');
    expect(ended.html).to.include('The registry holds 3 repositories').and.include('Import…');
  });

  it('lists who owns what, and what an import would make of the rest, or why not', async () => {
    const admin = await administrator();
    await webData(app).project('shop/web');
    await webData(app).user('grace');
    await walkFinds(['shop/web/api', 'finance/secret/deep', 'postgres', 'grace/notes']);

    const all = await admin.get(LIST);
    const unowned = await admin.get(`${LIST}?show=unowned`);
    const found = await admin.get(`${LIST}?q=secret`);

    expect(all.html).to.include('href="/shop/web"').and.include('<code>finance/secret</code>');
    expect(all.html).to.include('Give it to a project as an image prefix.');
    expect(all.html).to.include('grace is a username');
    expect(unowned.html).to.include('postgres').and.not.include('href="/shop/web"');
    expect(found.html).to.include('deep').and.not.include('postgres');
  });

  it('imports after a question that says what would be made, as the command does', async () => {
    const admin = await administrator();
    await walkFinds(['a/b', 'a/b/c', 'a/d', 'postgres', 'x/y/z']);

    const question = await admin.get(IMPORT);
    const untouched = await owners();
    const done = await admin.submit(IMPORT, { depth: '2' });
    const after = await admin.get(done.headers.get('location') ?? '');

    expect(question.html).to.include('Make 3 projects and 2 namespaces?');
    expect(question.html).to.include('Stay with the administrators');
    expect(untouched.every((line) => line.endsWith(': -'))).to.equal(true);
    expect(await owners()).to.deep.equal([
      'a/b: a/b',
      'a/b/c: a/b',
      'a/d: a/d',
      'postgres: -',
      'x/y/z: x/y',
    ]);
    expect(after.html).to.include('3 projects</bdi>');
    expect((await admin.get(IMPORT)).html).to.include('There is nothing to make');
  });

  it('imports deeper paths when asked, and no other depth than there is', async () => {
    const admin = await administrator();
    await walkFinds(['a/b/c/d']);

    const three = await admin.get(`${IMPORT}?depth=3`);
    const odd = await admin.get(`${IMPORT}?depth=0&after=`);
    await admin.submit(IMPORT, { depth: '3' });

    expect(three.html).to.include('value="3" selected');
    expect(odd.status).to.equal(200);
    expect(await owners()).to.deep.equal(['a/b/c/d: a/b/c']);
  });

  it('imports much part by part, and leads on to the next one', async () => {
    const admin = await administrator();
    const staying = Array.from({ length: 230 }, (_, index) => `a${index}`);
    await walkFinds([...staying, 'x/y']);

    const first = await admin.get(IMPORT);
    const next = /href="([^"]*import[^"]*after=[^"]+)"/.exec(first.html)?.[1] ?? '';
    const second = await admin.get(next.replaceAll('&amp;', '&'));

    expect(first.html).to.include('Nothing to make of these');
    expect(second.html).to.include('Make 1 project and 1 namespace?');
  });

  it('says that it is not known yet what to import', async () => {
    const admin = await administrator();

    const { status, html } = await admin.get(IMPORT);

    expect(status).to.equal(409);
    expect(html).to.include('It is not known yet what the registry holds.');
  });

  it('is for administrators', async () => {
    const data = webData(app);
    const owner = await data.signedIn('owen', 'owner', await data.project('shop/web'));
    await walkFinds(['a/b']);
    await owner.get('/shop/web');

    const answers = [
      await owner.get(LIST),
      await owner.get(IMPORT),
      await owner.submit(IMPORT, { depth: '2' }),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([403, 403, 403]);
    expect(await owners()).to.deep.equal(['a/b: -']);
  });
});
