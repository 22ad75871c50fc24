import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { startApp, type TestApp } from '../support/start-app.js';
import { withLie } from '../support/markdown.js';
import { webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData } from './web-data.js';
import { VISITORS, webPageDifferences, type Visitor } from './web-page.js';

const PROJECT = 'tanuki/awesome_project';

describe('docs/web.md', () => {
  let app: TestApp;
  let page: string;
  let clients: ReadonlyMap<Visitor, WebClient>;
  const seen = new Map<string, readonly Visitor[]>();

  before(async () => {
    page = (await readFile('docs/web.md', 'utf8')).replaceAll(/ {2,}\|/g, ' |');
    app = await startApp();
    const data = webData(app);
    // Without a public project, the list of projects sends strangers on to sign in.
    await data.project('tanuki/handbook', 'public');
    const project = await data.project(PROJECT);
    await data.user('root', { isAdmin: true });
    const administrator = webClient(app.origin);
    await administrator.signIn('root', PASSWORD);
    clients = new Map([
      ['anonymous', webClient(app.origin)],
      ['outsider', await data.signedIn('olga', null, project)],
      ['guest', await data.signedIn('gerd', 'guest', project)],
      ['developer', await data.signedIn('dora', 'developer', project)],
      ['maintainer', await data.signedIn('mona', 'maintainer', project)],
      ['administrator', administrator],
    ]);
    // Some hundred pages, which take longer than one test has.
    await webPageDifferences(page, PROJECT, look);
  });

  after(async () => {
    await app.stop();
  });

  /** Remembered: the lies below are about the same addresses. */
  async function look(path: string): Promise<readonly Visitor[]> {
    const known = seen.get(path);
    if (known !== undefined) {
      return known;
    }
    const found: Visitor[] = [];
    for (const visitor of VISITORS) {
      const answer = await clients.get(visitor)?.get(path);
      // Who is signed in has no need of the sign-in page, and is sent on.
      const isSentHome = answer?.status === 303 && answer.headers.get('location') === '/';
      if (answer?.status === 200 || (path === '/users/sign_in' && isSentHome)) {
        found.push(visitor);
      }
    }
    seen.set(path, found);
    return found;
  }

  it('lists the addresses and who has each of them', async () => {
    expect(await webPageDifferences(page, PROJECT, look)).to.deep.equal([]);
  });

  for (const [what, truth, lie] of [
    ['an address that there is not', '| `/projects/new` |', '| `/projects/make` |'],
    ['an address too few', '| `/-/profile` | signed in |', '| `/` | everybody |'],
    ['more people', '| `/admin/users` | administrators |', '| `/admin/users` | signed in |'],
    ['fewer people', '| `/` | everybody |', '| `/` | signed in |'],
    ['other people', 'settings/members` | maintainers, ', 'settings/members` | developers, '],
  ] as const) {
    it(`is caught telling of ${what}`, async () => {
      const wrong = withLie(page, truth, lie);

      expect(await webPageDifferences(wrong, PROJECT, look)).not.to.deep.equal([]);
    });
  }
});
