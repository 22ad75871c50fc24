import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { dayOf, type DeployToken, type DeployTokenUse } from '../../src/access/deploy-token.js';
import type { Project } from '../../src/access/project.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { deployTokensOf } from '../support/rows.js';
import { withApp } from '../support/with-app.js';
import type { WebAnswer, WebClient } from '../support/web-client.js';
import { webData, type WebData } from './web-data.js';

const NOW = new Date('2026-11-28T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const run = promisify(execFile);

describe('the pages of deploy tokens', () => {
  const app = withApp({ now: () => NOW });
  let data: WebData;
  let projects = 0;

  before(async () => {
    data = webData(app, () => NOW);
  });

  /** A maintainer, signed in, of a project of their own. */
  async function maintainer(): Promise<{ project: Project; client: WebClient; list: string }> {
    projects += 1;
    const project = await data.project(`tokens/app${projects}`);
    const client = await data.signedIn(`maintainer-${projects}`, 'maintainer', project);
    return { project, client, list: `/${project.path}/-/settings/repository` };
  }

  async function newest({ id }: Project): Promise<DeployToken> {
    const tokens = await deployTokensOf(app.service.store, id);
    return tokens.at(-1) ?? expect.fail('there is none');
  }

  async function use(
    deployTokenId: number,
    usedAt: Date,
    fault: DeployTokenUse['fault'] = null,
  ): Promise<void> {
    await app.service.store.write(async ({ deployTokenUses }) => {
      await deployTokenUses.put([
        {
          deployTokenId,
          usedAt,
          door: 'registry',
          address: '203.0.113.7',
          userAgent: 'containerd/1.7.22',
          repository: null,
          fault,
        },
      ]);
    });
  }

  describe('the form', () => {
    for (const [expires, date, expected] of [
      ['30', '', '2026-12-28'],
      ['90', '2031-01-01', '2027-02-26'],
      ['365', '', '2027-11-28'],
      ['none', '2031-01-01', null],
      ['date', '2031-01-01', '2031-01-01'],
      ['', '2031-01-01', '2031-01-01'],
      ['', '', null],
    ] as const) {
      it(`makes a token until ${expected ?? 'it is revoked'} for “${expires}” and the date “${date}”`, async () => {
        const made = await maintainer();
        const chosen = expires === '' ? {} : { expires };

        const { status } = await create(made, {
          ...chosen,
          scopes: 'read_registry',
          expires_at: date,
        });

        const { expiresAt } = await newest(made.project);
        expect(status).to.equal(200);
        expect(expiresAt?.toISOString().slice(0, 10) ?? null).to.equal(expected);
      });
    }

    it('has the date in 90 days preset, and makes none of an empty one', async () => {
      const made = await maintainer();
      const { html } = await made.client.get(`${made.list}/deploy_tokens/new`);

      const empty = await create(made, {
        expires: 'date',
        scopes: 'read_registry',
        expires_at: '',
      });

      expect(html).to.include('value="2027-02-26"');
      expect(empty.status).to.equal(422);
      expect(empty.html).to.include('Enter a date, or choose another expiry.');
      expect(await deployTokensOf(app.service.store, made.project.id)).to.deep.equal([]);
    });

    it('makes nothing that would be of no use to whoever will use it', async () => {
      const made = await maintainer();

      const useless = await create(made, { who: 'git', scopes: 'read_registry' });
      const useful = await create(made, { who: 'git', scopes: 'read_repository' });

      expect(useless.status).to.equal(422);
      expect(useless.html).to.include('Git clone needs read_repository');
      expect(useful.status).to.equal(200);
    });

    it('has nothing checked, unless the address says who will use it', async () => {
      const { client, list } = await maintainer();

      const plain = await client.get(`${list}/deploy_tokens/new`);
      const preset = await client.get(`${list}/deploy_tokens/new?who=kubernetes`);

      expect(checkedIn(plain.html)).to.deep.equal(['expires-date']);
      expect(checkedIn(preset.html)).to.deep.equal([
        'who-kubernetes',
        'expires-date',
        'scopes-read_registry',
      ]);
    });

    it('names what is wrong above, with links to the fields', async () => {
      const { html } = await create(await maintainer(), { name: ' ', username: 'a:b' });

      expect(html).to.include('<a href="#name">the name</a>');
      expect(html).to.include('<a href="#username">the username</a>');
      expect(html).to.include('<a href="#scopes-read_registry">the scopes</a>');
    });
  });

  describe('the page with the secret', () => {
    it('opens the tab of whoever will use it, and ends with Done', async () => {
      const { html } = await create(await maintainer(), {
        who: 'github',
        scopes: ['read_registry', 'read_repository'],
      });

      expect(checkedIn(html)).to.deep.equal(['artefact-github']);
      expect(html.indexOf('Done, I saved the secret')).to.be.greaterThan(html.lastIndexOf('<pre'));
    });

    for (const scope of ['read_registry', 'read_repository']) {
      it(`has a command that says whether it works, and keeps the secret from the list of processes: ${scope}`, async () => {
        const made = await maintainer();
        const { html } = await create(made, { scopes: scope });
        const command = snippetIn(html, 'verify').replaceAll('http://localhost:5080', app.origin);
        const secret = /gldt-[\w-]{32}/.exec(command)?.[0] ?? '';

        const works = await run('sh', ['-c', command]);
        const token = await newest(made.project);
        await revokeDeployToken({ store: app.service.store, now: () => NOW }, OPERATOR, token.id);
        const ended = await run('sh', ['-c', command]);

        expect([works.stdout, ended.stdout]).to.deep.equal(['200\n', '401\n']);
        // What a shell starts is told from what it feeds it: the first line alone are arguments.
        const [program = ''] = command.split('\n');
        expect(program)
          .to.match(/^curl .*--config - /)
          .and.not.include(secret);
      });
    }
  });

  describe('the list', () => {
    it('begins with what is refused and still tried, and marks what expires soon', async () => {
      const made = await maintainer();
      for (const [name, expires] of [
        ['calm', 'none'],
        ['urgent', 'date'],
      ] as const) {
        await create(made, { name, expires, expires_at: '2026-12-03', scopes: 'read_registry' });
      }
      await create(made, { name: 'gone', scopes: 'read_registry' });
      const { id } = await newest(made.project);
      await revokeDeployToken(
        { store: app.service.store, now: () => new Date(NOW.getTime() - DAY_MS) },
        OPERATOR,
        id,
      );
      await use(id, new Date(NOW.getTime() - 60_000));

      const { html } = await made.client.get(made.list);
      const attention = await made.client.get(`${made.list}?show=attention`);

      expect(namesIn(html)).to.deep.equal(['gone', 'urgent', 'calm']);
      expect(html).to.include('Refused, and still tried (1)').and.include('expires soon');
      expect(html).to.include('Active Deploy Tokens (2)');
      expect(namesIn(attention.html)).to.deep.equal(['gone', 'urgent']);
    });

    it('finds by name and last address, keeps the words, and offers to clear them', async () => {
      const made = await maintainer();
      for (let number = 1; number <= 11; number += 1) {
        await create(made, { name: `cluster ${number}`, scopes: 'read_registry' });
      }
      await use((await newest(made.project)).id, NOW);

      const byName = await made.client.get(`${made.list}?q=CLUSTER+1`);
      const byAddress = await made.client.get(`${made.list}?q=203.0.113`);
      const none = await made.client.get(`${made.list}?q=%22%3E%3Cscript%3E`);

      expect(namesIn(byName.html)).to.have.members(['cluster 1', 'cluster 10', 'cluster 11']);
      expect(byName.html).to.include('value="CLUSTER 1"').and.include('(3 of 11)');
      expect(namesIn(byAddress.html)).to.deep.equal(['cluster 11']);
      expect(none.html).to.include('Clear search and filters').and.not.include('<script>');
    });

    it('shows a section that one can fold, and no search before there are ten', async () => {
      const made = await maintainer();
      await create(made, { scopes: 'read_registry' });

      const { html } = await made.client.get(made.list);

      expect(html).to.match(/<details class="section card" id="deploy-tokens" open/);
      expect(html).to.not.include('id="find-token"');
    });
  });

  describe('the page of one', () => {
    for (const [state, expires, title] of [
      ['never used', 'none', 'Waits for its first use, works without an end'],
      ['used', 'none', 'Works without an end'],
      ['used', '365', 'Works until 28 November 2027'],
      ['revoked', 'none', 'Revoked by the operator on 28 November 2026'],
      ['tried', 'none', 'Revoked by the operator on 28 November 2026, and still used'],
    ] as const) {
      it(`says “${title}”`, async () => {
        const made = await maintainer();
        await create(made, { expires, scopes: 'read_registry' });
        const { id } = await newest(made.project);
        if (state === 'revoked' || state === 'tried') {
          await revokeDeployToken({ store: app.service.store, now: () => NOW }, OPERATOR, id);
        }
        if (state === 'used' || state === 'tried') {
          await use(id, NOW);
        }

        const { html } = await made.client.get(`${made.list}/deploy_tokens/${id}`);

        expect(html).to.include(`<h2 id="state">${title}</h2>`);
      });
    }

    it('says that its secret was stored with a line break, and what to do', async () => {
      const made = await maintainer();
      await create(made, { expires: 'none', scopes: 'read_registry' });
      const { id } = await newest(made.project);
      await use(id, NOW, 'line_break');

      const { html } = await made.client.get(`${made.list}/deploy_tokens/${id}`);

      expect(html).to.include('<h2 id="state">Works without an end, and is stored wrongly</h2>');
      expect(html).to.include('the secret ended with a line break. Store it again without one');
    });

    it('is for maintainers, under the address of its project alone', async () => {
      const [made, other] = [await maintainer(), await maintainer()];
      await create(made, { name: 'well hidden', scopes: 'read_registry' });
      const { id } = await newest(made.project);
      const developer = await data.signedIn(`developer-${id}`, 'developer', made.project);

      const own = await made.client.get(`${made.list}/deploy_tokens/${id}`);
      const elsewhere = await other.client.get(`${other.list}/deploy_tokens/${id}`);
      const lower = await developer.get(`${made.list}/deploy_tokens/${id}`);
      const form = await developer.get(`${made.list}/deploy_tokens/new`);

      expect([own.status, elsewhere.status, lower.status, form.status]).to.deep.equal([
        200, 404, 403, 403,
      ]);
      expect(elsewhere.html + lower.html).to.not.include('well hidden');
    });
  });

  it('draw the uses by day, say them in a sentence, and list them behind a fold', async () => {
    const made = await maintainer();
    await create(made, { scopes: 'read_registry' });
    const { id: deployTokenId } = await newest(made.project);
    await app.service.store.write(async ({ deployTokenDays }) => {
      await deployTokenDays.add([{ deployTokenId, day: dayOf(NOW.getTime()), uses: 12 }]);
    });

    const own = await made.client.get(`${made.list}/deploy_tokens/${deployTokenId}`);
    const list = await made.client.get(made.list);

    expect(own.html).to.include('<h2 id="uses">Uses today</h2>').and.include('12 uses');
    expect(own.html).to.include('<td>28 Nov 2026</td><td>12</td></tr>');
    expect(own.html).to.include(`settings/audit?token=${deployTokenId}`);
    expect(list.html).to.include('<path d="M116 24h3v-24h-3z"');
  });

  it('name what was revoked', async () => {
    const made = await maintainer();
    await create(made, { name: 'cluster <eu>', scopes: 'read_registry' });
    const { id } = await newest(made.project);
    await made.client.get(`${made.list}/deploy_tokens/${id}/revoke`);

    const revoked = await made.client.submit(`${made.list}/deploy_tokens/${id}/revoke`, {});
    const shown = await made.client.get(revoked.headers.get('location') ?? '');

    expect(shown.html).to.include(
      'The deploy token <strong><bdi>cluster &lt;eu></bdi></strong> is revoked.',
    );
  });
});

async function create(
  { client, list }: { client: WebClient; list: string },
  fields: Readonly<Record<string, string | readonly string[]>>,
): Promise<WebAnswer> {
  await client.get(`${list}/deploy_tokens/new`);
  return await client.submit(`${list}/deploy_tokens/new`, { name: 'ci', ...fields });
}

function checkedIn(html: string): string[] {
  return Array.from(
    html.matchAll(/<input id="([\w-]+)"[^>]* checked/g),
    ([, id = '']) => id,
  ).concat(
    Array.from(
      html.matchAll(/<input type="radio" name="artefact" id="([\w-]+)"[^>]* checked/g),
      ([, id = '']) => id,
    ),
  );
}

function namesIn(html: string): string[] {
  return Array.from(html.matchAll(/deploy_tokens\/\d+"><bdi>([^<]+)/g), ([, name = '']) => name);
}

/** The text of a snippet. */
function snippetIn(html: string, id: string): string {
  const text = new RegExp(`<pre id="${id}"[^>]*><code>([^]*?)</code>`).exec(html)?.[1] ?? '';
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}
