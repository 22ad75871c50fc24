import { expect } from 'chai';
import type { DataSource, Logger } from 'typeorm';
import { z } from 'zod';
import type { Cursor, Page, PageRequest } from '../../src/access/page.js';
import { accessTokenStore } from '../../src/store/access-token-store.js';
import { auditStore } from '../../src/store/audit-store.js';
import type { Database } from '../../src/store/database.js';
import { deployTokenStore } from '../../src/store/deploy-token-store.js';
import { memberStore } from '../../src/store/member-store.js';
import { openDatabase } from '../../src/store/databases.js';
import { projectStore } from '../../src/store/project-store.js';
import { sessionStore } from '../../src/store/session-store.js';
import { TABLES } from '../../src/store/tables.js';
import { userStore } from '../../src/store/user-store.js';
import { ANY_EVENT } from '../support/rows.js';
import { fillBefore } from './fill-tables.js';
import type { TestedDatabase } from './store-suite.js';

const SORTS = /filesort|temporary|TEMP B-TREE/;
const FILL_MS = 120_000;
const AT = new Date('2026-01-01T00:00:00Z');

type List = (db: DataSource, request: PageRequest) => Promise<Page<unknown>>;

const ALL_PROJECTS = {
  sight: { kind: 'all' },
  text: '',
  visibility: null,
  archived: null,
  membership: null,
  namespace: null,
} as const;
const ALL_USERS = { username: null, text: '', state: null, onlyAdministrators: false } as const;

const LONG_AGO = { from: new Date(1000), until: new Date(5000) };
const ABOUT = { kind: 'user', id: 1 } as const;
const PROJECT = { kind: 'project', id: 1 } as const;

async function eventsOfAPerson(...[{ manager }, request]: Parameters<List>): ReturnType<List> {
  return await auditStore(manager).page({ ...ANY_EVENT, actor: 'ada-1' }, request);
}

/** The same of tables that lack columns of today. */
const EVENTS_BEFORE: Statement = {
  query: 'SELECT id FROM audit_events WHERE actor = ? ORDER BY at DESC, id DESC LIMIT 50',
  parameters: ['ada-1'],
};

const LISTS: Readonly<Record<string, List>> = {
  async 'users, oldest first'({ manager }, request) {
    return await userStore(manager).page({ ...ALL_USERS, direction: 'ASC' }, request);
  },
  async 'projects by path'({ manager }, request) {
    const order = { by: 'path', direction: 'ASC' } as const;
    return await projectStore(manager).page({ ...ALL_PROJECTS, order }, request);
  },
  async 'projects in the sight of somebody, by path'({ manager }, request) {
    const order = { by: 'path', direction: 'ASC' } as const;
    const sight = { kind: 'some', visibilities: ['public'], memberId: 1, below: [] } as const;
    return await projectStore(manager).page({ ...ALL_PROJECTS, sight, order }, request);
  },
  async 'projects, newest first'({ manager }, request) {
    const order = { by: 'id', direction: 'DESC' } as const;
    return await projectStore(manager).page({ ...ALL_PROJECTS, order }, request);
  },
  async 'members of a project'({ manager }, request) {
    const filter = { place: PROJECT, text: '', userIds: null };
    return await memberStore(manager).page(filter, request);
  },
  async 'active deploy tokens of a project'({ manager }, request) {
    const filter = { owner: PROJECT, state: 'active', now: AT, direction: 'DESC' } as const;
    return await deployTokenStore(manager).page(filter, request);
  },
  async 'inactive deploy tokens of a project'({ manager }, request) {
    const filter = { owner: PROJECT, state: 'inactive', now: AT, direction: 'DESC' } as const;
    return await deployTokenStore(manager).page(filter, request);
  },
  async 'active personal access tokens of a user'({ manager }, request) {
    const filter = { userId: 1, state: 'active', now: AT } as const;
    return await accessTokenStore(manager).page(filter, request);
  },
  async 'living sessions of a user'({ manager }, request) {
    const filter = { userId: 1, now: AT, idleSince: new Date(0) };
    return await sessionStore(manager).page(filter, request);
  },
  async 'audit events'({ manager }, request) {
    return await auditStore(manager).page(ANY_EVENT, request);
  },
  async 'audit events of a project'({ manager }, request) {
    return await auditStore(manager).page({ ...ANY_EVENT, projectId: 1 }, request);
  },
  async 'audit events of a time, long ago'({ manager }, request) {
    return await auditStore(manager).page({ ...ANY_EVENT, ...LONG_AGO }, request);
  },
  async 'audit events of a project, of a time'({ manager }, request) {
    return await auditStore(manager).page({ ...ANY_EVENT, projectId: 1, ...LONG_AGO }, request);
  },
  'audit events of a person': eventsOfAPerson,
  async 'audit events of an action'({ manager }, request) {
    return await auditStore(manager).page({ ...ANY_EVENT, action: 'signed_out' }, request);
  },
  async 'audit events about somebody'({ manager }, request) {
    return await auditStore(manager).page({ ...ANY_EVENT, subject: ABOUT }, request);
  },
  async 'audit events by every filter'({ manager }, request) {
    const filter = { projectId: 1, actor: 'ada-1', action: 'signed_out', subject: ABOUT } as const;
    return await auditStore(manager).page(
      { ...ANY_EVENT, ...filter, from: new Date(0), until: AT },
      request,
    );
  },
};

/** A page costs the same however long its list is: an index has the rows in their order. */
export function describeListPlans({ name, create }: TestedDatabase): void {
  describe(`lists on ${name}`, () => {
    const statements: Statement[] = [];
    let database: Database;
    let db: DataSource;
    let planBefore = '';

    before(async function fill() {
      this.timeout(FILL_MS);
      database = await openDatabase(await create(), TABLES);
      ({ db } = database);
      const migrate = await fillBefore(db);
      db.setOptions({ logging: true, logger: loggerTo(statements) });
      planBefore = await planOf(db, EVENTS_BEFORE);
      await migrate();
    });

    after(async () => {
      await database?.close();
    });

    /** Of the first page, and of the one behind it. */
    async function plansOf(list: List): Promise<[first: string, second: string]> {
      const { next, plan: first } = await planned(list, null);
      const { items, plan: second } = await planned(list, next ?? expect.fail('there is one page'));
      expect(items).to.have.lengthOf(50);
      return [first, second];
    }

    async function planned(
      list: List,
      after: Cursor | null,
    ): Promise<Page<unknown> & { readonly plan: string }> {
      statements.length = 0;
      const page = await list(db, { limit: 50, start: { after }, total: false });
      const [statement = expect.fail('nothing was asked')] = statements;
      return { ...page, plan: await planOf(db, statement) };
    }

    for (const [title, list] of Object.entries(LISTS)) {
      it(`start at their place in an index, and are sorted by it: ${title}`, async () => {
        const [first, second] = await plansOf(list);

        expect(first, first).to.not.match(SORTS);
        expect(second, second)
          .to.match(/^(?:SEARCH|range|ref) /)
          .and.not.match(SORTS);
      });
    }

    it('of accounts read no password hash', async () => {
      for (const title of ['users, oldest first', 'members of a project']) {
        await plansOf(LISTS[title] ?? expect.fail(title));

        expect(statements.map(({ query }) => query).join()).to.include('username_key');
        expect(statements.map(({ query }) => query).join()).to.not.include('password_hash');
      }
    });

    it('get an index from a migration that filled tables lacked', async () => {
      const [, plan] = await plansOf(eventsOfAPerson);

      expect(planBefore, planBefore).to.not.include('audit_events_by_actor_at');
      expect(plan, plan).to.include('audit_events_by_actor_at');
    });
  });
}

interface Statement {
  readonly query: string;
  readonly parameters: readonly unknown[];
}

function loggerTo(statements: Statement[]): Logger {
  return {
    logQuery(query, parameters) {
      statements.push({ query, parameters: Array.isArray(parameters) ? parameters : [] });
    },
    logQueryError() {},
    logQuerySlow() {},
    logSchemaBuild() {},
    logMigration() {},
    log() {},
  };
}

const Plan = z.array(
  z.union([
    z.object({ detail: z.string() }).transform(({ detail }) => detail),
    z
      .object({ type: z.string(), key: z.string().nullable(), Extra: z.string().nullable() })
      .transform(({ type, key, Extra: extra }) => `${type} ${key} ${extra}`),
  ]),
);

/** A line for each table: how it is read, by which index, and what is done besides. */
async function planOf(db: DataSource, { query, parameters }: Statement): Promise<string> {
  const explain = db.options.type === 'better-sqlite3' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
  const rows: unknown = await db.query(`${explain} ${query}`, [...parameters]);
  return Plan.parse(rows).join('\n');
}
