/** Deploy tokens by what they need, on each database. */

import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import type {
  Moments,
  TokenNeed,
  TokenOwners,
} from '../../src/store/deploy-token-overview-store.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import type { TestedDatabase } from './store-suite.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = new Date('2026-11-28T12:00:00.001Z');
const MOMENTS: Moments = {
  now: NOW,
  soon: inDays(14),
  idleSince: inDays(-90),
  triedSince: inDays(-14),
};

interface Made {
  readonly created?: number;
  readonly expires?: number;
  readonly revoked?: number;
  readonly used?: number;
  readonly address?: string;
}

/** In days from now. */
const TOKENS: Readonly<Record<string, Made>> = {
  fresh: { created: -1 },
  busy: { used: -0.01, address: '203.0.113.7' },
  quiet: { used: -2 },
  soon: { expires: 14, used: -30 },
  sooner: { expires: 3 },
  later: { expires: 14.01, used: -5 },
  idle: { created: -200, used: -90 },
  unused: { created: -100 },
  expired: { expires: -1, used: -1.5 },
  'expired, still used': { expires: -1, used: -0.5 },
  'expired, used when it ended': { expires: -1, used: -1 },
  'expired, tried long ago': { expires: -30, used: -20 },
  revoked: { revoked: -1, used: -2 },
  'revoked, still used': { revoked: -1, expires: 100, used: -0.1 },
};

export function describeDeployTokenOverview({ name, create }: TestedDatabase): void {
  describe(`deploy tokens by what they need, on ${name}`, () => {
    let store: Store;
    let project: Project;
    let digests = 0;

    before(async () => {
      ({ store } = await openCurrentStore(await create(), { migrate: true }));
      project = await addProject('tanuki/app');
      for (const [tokenName, made] of Object.entries(TOKENS)) {
        await addToken(project, tokenName, made);
      }
    });

    after(async () => {
      await store.close();
    });

    async function addProject(path: string): Promise<Project> {
      return await store.projects.add({ path, visibility: 'private', createdAt: NOW });
    }

    async function addToken(owner: Project, tokenName: string, made: Made): Promise<void> {
      digests += 1;
      const secretDigest = Buffer.alloc(32);
      secretDigest.writeUInt32BE(digests);
      const token = await store.deployTokens.add({
        owner,
        only: null,
        name: tokenName,
        username: null,
        scopes: ['read_registry'],
        expiresAt: made.expires === undefined ? null : inDays(made.expires),
        createdAt: inDays(made.created ?? -50),
        createdBy: null,
        secretDigest,
      });
      if (made.revoked !== undefined) {
        await store.deployTokens.revoke(token.id, inDays(made.revoked), null);
      }
      if (made.used !== undefined) {
        await store.deployTokenUses.put([
          {
            deployTokenId: token.id,
            usedAt: inDays(made.used),
            door: 'registry',
            address: made.address ?? '',
            userAgent: '',
            repository: null,
          },
        ]);
      }
    }

    /** The names on each page. */
    async function pages(
      need: TokenNeed,
      {
        owners,
        text = '',
        limit = 100,
      }: { owners?: TokenOwners; text?: string; limit?: number } = {},
    ): Promise<string[][]> {
      const found: string[][] = [];
      let after: string | null = null;
      do {
        const { items, next }: Awaited<ReturnType<Store['deployTokenOverview']['page']>> =
          await store.deployTokenOverview.page(
            {
              owners: owners ?? { kind: 'project', projectId: project.id },
              need,
              text,
              moments: MOMENTS,
            },
            { limit, start: { after } },
          );
        const tokens = await store.deployTokens.findByIds(items.map(({ id }) => id));
        const names = new Map(tokens.map((token) => [token.id, token.name]));
        found.push(items.map(({ id }) => names.get(id) ?? ''));
        after = next;
      } while (after !== null);
      return found;
    }

    it('come with what expires soon first, then by last use, the newest first of those never used', async () => {
      expect(await pages('active')).to.deep.equal([
        ['soon', 'sooner', 'busy', 'quiet', 'later', 'idle', 'unused', 'fresh'],
      ]);
    });

    it('come page by page, none twice and none missing', async () => {
      expect(await pages('active', { limit: 3 })).to.deep.equal([
        ['soon', 'sooner', 'busy'],
        ['quiet', 'later', 'idle'],
        ['unused', 'fresh'],
      ]);
    });

    for (const [need, names] of [
      ['expiring', ['soon', 'sooner']],
      ['unused', ['idle', 'unused']],
      ['refused', ['revoked, still used', 'expired, still used', 'expired, used when it ended']],
    ] as const) {
      it(`are found by what they need: ${need}`, async () => {
        expect(await pages(need)).to.deep.equal([names]);
      });
    }

    it('are counted like that', async () => {
      const owners = { kind: 'project', projectId: project.id } as const;

      const counts = await store.deployTokenOverview.count({ owners, text: '', moments: MOMENTS });

      expect(counts).to.deep.equal({
        active: 8,
        expiring: 2,
        unused: 2,
        refused: 3,
        ended: 6,
        any: 14,
      });
    });

    it('are found by name in any case, by username and by the last address, and by no pattern', async () => {
      const [token] = await store.deployTokens.findByIds([1]);

      expect(await pages('any', { text: 'BUS' })).to.deep.equal([['busy']]);
      expect(await pages('any', { text: '203.0.113.7' })).to.deep.equal([['busy']]);
      expect((await pages('any', { text: token?.username ?? '-' })).flat()).to.include('fresh');
      expect(await pages('any', { text: '%' })).to.deep.equal([[]]);
      expect(await pages('refused', { text: 'revoked' })).to.deep.equal([['revoked, still used']]);
    });

    it('are those of the projects where somebody has the role, and of none that was removed', async () => {
      const user = { username: 'ada', displayName: 'Ada', passwordHash: null, isAdmin: false };
      const { id: userId } = await store.users.add({ ...user, createdAt: NOW });
      const removed = await addProject('tanuki/removed');
      for (const [path, role] of [
        ['tanuki/own', 'owner'],
        ['tanuki/read', 'developer'],
      ] as const) {
        const made = await addProject(path);
        await addToken(made, path, {});
        await store.members.set(made, userId, role);
      }
      await addToken(removed, 'removed', {});
      await store.members.set(removed, userId, 'owner');
      await store.projects.remove(removed, NOW);

      const roles = ['maintainer', 'owner'] as const;
      const owners = { kind: 'member', userId, roles, below: [] } as const;

      expect(await pages('any', { owners })).to.deep.equal([['tanuki/own']]);
      const inherited = await pages('any', { owners: { ...owners, below: ['tanuki'] } });
      expect(inherited.flat()).to.include('tanuki/read').and.have.lengthOf(16);
      expect((await pages('any', { owners: { kind: 'all' } })).flat()).to.have.lengthOf(16);
    });

    it('are summed up for each project, with the last use of an active one', async () => {
      const found = await store.deployTokenOverview.ofProjects([project.id, 4711], NOW);

      expect([...found]).to.deep.equal([[project.id, { active: 8, usedAt: inDays(-0.01) }]]);
      expect(await store.deployTokenOverview.ofProjects([], NOW)).to.deep.equal(new Map());
    });
  });
}

function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}
