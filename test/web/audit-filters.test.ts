import { expect } from 'chai';
import type { NewAuditEvent } from '../../src/access/audit-event.js';
import { freePath, removeProject } from '../../src/services/project-removal.js';
import { OPERATOR } from '../../src/access/actor.js';
import { withApp } from '../support/with-app.js';
import { pageLink, webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';

const NOON = new Date('2031-05-01T12:00:00Z');
const TRAIL = '/trail/app/-/settings/audit';

describe('the pages of the audit trail', () => {
  const app = withApp({ now: () => NOON });
  let data: WebData;
  let projectId: number;
  let adaId: number;
  let maintainer: WebClient;
  let admin: WebClient;

  before(async () => {
    data = webData(app, () => new Date('2031-04-01T00:00:00Z'));
    const project = await data.project('trail/app');
    projectId = project.id;
    adaId = (await data.user('Ada')).id;
    maintainer = await data.signedIn('mary', 'maintainer', project);
    await data.user('boss', { isAdmin: true });
    admin = webClient(app.origin);
    await admin.signIn('boss', PASSWORD);
  });

  async function add(...events: readonly Partial<NewAuditEvent>[]): Promise<void> {
    await app.service.store.write(async ({ auditEvents }) => {
      for (const event of events) {
        await auditEvents.add({
          at: NOON,
          action: 'deploy_token_created',
          actorId: adaId,
          actor: 'Ada',
          projectId,
          projectPath: 'trail/app',
          namespaceId: null,
          namespacePath: null,
          subjectId: 4711,
          subject: 'ci',
          detail: '',
          origin: { door: 'web', address: '192.0.2.1', requestId: 'r-1' },
          ...event,
        });
      }
    });
  }

  describe('filter', () => {
    before(async () => {
      await add(
        { subject: 'ci' },
        { subject: 'other-token', subjectId: 4712 },
        { subject: 'revoked', action: 'deploy_token_revoked' },
        { subject: 'by-operator', actorId: null, actor: 'operator:' },
        { subject: 'by-sudo', actorId: null, actor: 'operator:ada' },
        { subject: 'early', at: new Date('2031-04-30T23:59:59.999Z') },
        { subject: 'next-day', at: new Date('2031-05-02T00:00:00Z') },
        { subject: 'Ada', subjectId: adaId, action: 'member_set', detail: 'developer' },
        { subject: 'elsewhere', projectId: 999, projectPath: 'gone/app' },
      );
    });

    const EVERY = ['by-operator', 'by-sudo', 'ci', 'early', 'next-day', 'other-token', 'revoked'];
    for (const [query, expected] of [
      ['', EVERY],
      ['by=ada', EVERY.filter((name) => !name.startsWith('by-'))],
      ['by=operator%3A', ['by-operator', 'by-sudo']],
      ['by=operator%3Aada', ['by-sudo']],
      ['by=operator%3Abob', []],
      ['by=nobody', []],
      ['action=deploy_token_revoked', ['revoked']],
      [
        'from=2031-05-01&until=2031-05-01',
        ['by-operator', 'by-sudo', 'ci', 'other-token', 'revoked'],
      ],
      ['until=2031-04-30', ['early']],
      ['token=4712', ['other-token']],
      ['user=ada', []],
      ['user=nobody', []],
      ['token=4711&action=deploy_token_created&by=Ada&from=2031-05-02', ['next-day']],
      // Is for administrators, and opens no other trail.
      ['project=gone%2Fapp', EVERY],
    ] as const) {
      it(`${query || 'nothing'}: shows ${expected.join(', ') || 'none of these'}`, async () => {
        expect(await shown(maintainer, `${TRAIL}?${query}`)).to.deep.equal(expected);
      });
    }

    it('by what was done to a user, in words', async () => {
      const { html } = await maintainer.get(`${TRAIL}?user=ADA`);

      expect(html.replaceAll(/<[^>]*>/g, '')).to.include('Ada gave Ada the role developer');
    });

    it('everything by a project, for administrators: a removed one too, until its path is released', async () => {
      const { store, repositories } = app.service;
      const deps = { store, repositories, now: () => NOON };
      const removed = await data.project('removed/app');
      await removeProject(deps, OPERATOR, removed);
      const address = '/admin/audit?project=Removed/App';

      const whileReserved = await admin.get(address);
      await freePath(deps, OPERATOR, 'removed/app');
      await data.project('removed/app');
      const reused = await admin.get(address);

      expect(whileReserved.html).to.include('removed the project');
      // There is no page to lead to.
      expect(whileReserved.html).to.not.include('href="/removed/app"');
      expect(reused.html)
        .to.include('created the project')
        .and.include('href="/removed/app"')
        .and.not.include('removed the project');
    });

    it('says what is wrong with a filter, and shows nothing then', async () => {
      for (const [query, problem] of [
        ['from=2031-02-30', 'a date that exists'],
        ['until=yesterday', 'a date that exists'],
        ['action=deploy_token_cloned', 'one of the actions'],
        ['token=ci', 'the number of a deploy token'],
        ['token=1&user=Ada', 'not both'],
      ]) {
        const page = await maintainer.get(`${TRAIL}?${query}`);
        const file = await maintainer.get(`${TRAIL}.csv?${query}`);

        expect([page.status, file.status], query).to.deep.equal([422, 400]);
        expect(page.html).to.include(problem).and.not.include('<table');
        expect(file.html).to.include(problem).and.include('<html');
      }
    });

    it('leads back where nothing matches, and keeps its filters from page to page', async () => {
      await add(...Array.from({ length: 51 }, () => ({ subject: 'many', actor: 'Grace' })));

      const nothing = await maintainer.get(`${TRAIL}?by=nobody`);
      const first = await maintainer.get(`${TRAIL}?by=Grace&unknown=x`);
      const next = pageLink(first.html, 'events', 'next') ?? '';

      expect(nothing.html).to.include('Nothing matches').and.include(`href="${TRAIL}"`);
      expect(next).to.match(/\?by=Grace&after=[\w-]+$/);
    });
  });

  describe('as CSV', () => {
    it('is what the filters show, with everything that is on record of it', async () => {
      await add({ subject: 'a "quoted", name', actor: 'csv', detail: 'read_registry' });

      const { status, headers, html } = await maintainer.get(`${TRAIL}.csv?by=csv`);
      const none = await maintainer.get(`${TRAIL}.csv?by=nobody`);

      const [heading, line, ...rest] = html.split('\r\n');
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.equal('text/csv; charset=utf-8');
      expect(headers.get('content-disposition')).to.equal(
        'attachment; filename="audit-trail-app.csv"',
      );
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(heading).to.equal(
        '"id","at","action","actor_id","actor","project_id","project_path","namespace_id",' +
          '"namespace_path","subject_id","subject","detail","door","address","request_id"',
      );
      expect(line?.replace(/^"\d+"/, '"1"')).to.equal(
        `"1","2031-05-01T12:00:00.000Z","deploy_token_created","${adaId}","csv","${projectId}",` +
          '"trail/app","","","4711","a ""quoted"", name","read_registry","web","192.0.2.1","r-1"',
      );
      expect(rest).to.deep.equal(['']);
      expect(none.html).to.equal(`${heading}\r\n`);
    });

    it('makes no formula of a name', async () => {
      const names = ['=HYPERLINK("http://evil.example")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'];
      await add(...names.map((subject) => ({ subject, actor: 'formulas' })));

      const { html } = await maintainer.get(`${TRAIL}.csv?by=formulas`);

      const cells = Array.from(html.matchAll(/"4711","((?:[^"]|"")*)"/g), ([, cell]) => cell);
      expect(cells.toReversed()).to.deep.equal([
        `'=HYPERLINK(""http://evil.example"")`,
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'\t=1",
        "'\r=1",
      ]);
    });

    it('is for those who may open the page', async () => {
      const developer = await data.signedIn('dora', 'developer', {
        kind: 'project',
        id: projectId,
        path: 'trail/app',
        visibility: 'private',
        archivedAt: null,
        createdAt: NOON,
      });
      const stranger = webClient(app.origin);
      await data.user('sam');
      const outsider = webClient(app.origin);
      await outsider.signIn('sam', PASSWORD);

      const statuses = await Promise.all(
        [stranger, outsider, developer, maintainer, admin].map(async (client) => [
          (await client.get(`${TRAIL}.csv`)).status,
          (await client.get('/admin/audit.csv')).status,
        ]),
      );

      expect(statuses).to.deep.equal([
        [303, 303],
        [404, 403],
        [403, 403],
        [200, 403],
        [200, 200],
      ]);
      expect((await admin.get('/admin/auditxcsv')).status).to.equal(404);
    });

    it('is whole, however long, or breaks off where the database does', async () => {
      const { auditEvents } = app.service.store;
      await add(...Array.from({ length: 2001 }, () => ({ actor: 'long' })));
      const intact = { ...auditEvents };

      const whole = await maintainer.get(`${TRAIL}.csv?by=long`);
      auditEvents.page = async (filter, request) => {
        if ('after' in request.start && request.start.after !== null) {
          throw new Error('the database is gone');
        }
        return await intact.page(filter, request);
      };
      const half = await maintainer.get(`${TRAIL}.csv?by=long`).catch(() => 'broken off');
      Object.assign(auditEvents, intact);

      const ids = Array.from(whole.html.matchAll(/^"(\d+)"/gm), ([, id]) => id);
      expect(new Set(ids).size).to.equal(2001);
      expect(half).to.equal('broken off');
      expect(app.log()).to.include('the database is gone');
    });
  });
});

/** The names that the tests of filters gave, by what the page says of them. */
async function shown(client: WebClient, address: string): Promise<string[]> {
  const { status, html } = await client.get(address);
  expect(status).to.equal(200);
  const names =
    /<bdi>(ci|other-token|revoked|by-operator|by-sudo|early|next-day|elsewhere)<\/bdi>/g;
  return Array.from(html.matchAll(names), ([, name = '']) => name).toSorted();
}
