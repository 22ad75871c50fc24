/** Deploy tokens by what they need, on each database. */

import { expect } from 'chai';
import { INSTANCE, type DeployTokenOwner } from '../../src/access/deploy-token.js';
import type { Namespace } from '../../src/access/namespace.js';
import type { Project } from '../../src/access/project.js';
import type { User } from '../../src/access/user.js';
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

    async function addToken(owner: DeployTokenOwner, tokenName: string, made: Made): Promise<void> {
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
            fault: null,
            door: 'registry',
            address: made.address ?? '',
            userAgent: '',
            repository: null,
          },
        ]);
      }
    }

    async function addUser(username: string): Promise<User> {
      return await store.users.add({
        username,
        displayName: username,
        isAdmin: false,
        passwordHash: 'x',
        createdAt: NOW,
      });
    }

    async function addNamespace(path: string): Promise<Namespace> {
      return await store.namespaces.add({ path, userId: null, createdAt: NOW });
    }

    /** The owner of each token whose name has the text. */
    async function ownersListed(text: string): Promise<Record<string, string>> {
      const { items } = await store.deployTokenOverview.page(
        { owners: { kind: 'all' }, need: 'active', text, moments: MOMENTS },
        { limit: 100, start: { after: null } },
      );
      const tokens = await store.deployTokens.findByIds(items.map(({ id }) => id));
      const names = new Map(tokens.map((token) => [token.id, token.name]));
      return Object.fromEntries(
        items.map(({ id, owner }) => [
          names.get(id) ?? '',
          owner.kind === 'instance' ? 'instance' : owner.path,
        ]),
      );
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
              owners: owners ?? { kind: 'project', id: project.id },
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
      ['lasting', ['busy', 'quiet', 'idle', 'unused', 'fresh']],
      ['unused', ['idle', 'unused']],
      ['refused', ['revoked, still used', 'expired, still used', 'expired, used when it ended']],
    ] as const) {
      it(`are found by what they need: ${need}`, async () => {
        expect(await pages(need)).to.deep.equal([names]);
      });
    }

    it('are counted like that', async () => {
      const owners = { kind: 'project', id: project.id } as const;

      const counts = await store.deployTokenOverview.count({ owners, text: '', moments: MOMENTS });

      expect(counts).to.deep.equal({
        active: 8,
        expiring: 2,
        lasting: 5,
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

    it('are those of a project, of a namespace, of the instance, or of what somebody maintains', async () => {
      const ada = await addUser('zoe');
      const inside = await addProject('zoo/animals/otters');
      const outside = await addProject('zoo-evil/app');
      const zoo = await addNamespace('Zoo');
      const animals = await addNamespace('zoo/animals');
      const named = [
        [inside, 'of otters'],
        [outside, 'of the evil one'],
        [zoo, 'of zoo'],
        [animals, 'of animals'],
        [INSTANCE, 'of all'],
      ] as const;
      for (const [owner, tokenName] of named) {
        await addToken(owner, tokenName, { created: -1 });
      }
      const member = { kind: 'member', userId: ada.id, roles: ['owner'] } as const;
      const owners: Record<string, TokenOwners> = {
        project: inside,
        namespace: { ...zoo, path: 'zoo' },
        instance: INSTANCE,
        'member of zoo': { ...member, below: ['zoo'] },
        'member of animals': { ...member, below: ['zoo/animals'] },
        'member of nothing': { ...member, below: [] },
      };

      const found: Record<string, string[]> = {};
      for (const [key, who] of Object.entries(owners)) {
        found[key] = (await pages('active', { owners: who })).flat().toSorted();
      }

      expect(found).to.deep.equal({
        project: ['of otters'],
        namespace: ['of zoo'],
        instance: ['of all'],
        'member of zoo': ['of animals', 'of otters', 'of zoo'],
        'member of animals': ['of animals', 'of otters'],
        'member of nothing': [],
      });
      expect(await ownersListed('of ')).to.deep.equal({
        'of otters': inside.path,
        'of the evil one': outside.path,
        'of zoo': 'Zoo',
        'of animals': 'zoo/animals',
        'of all': 'instance',
      });
    });

    it('of a namespace that is removed stay on record, and become nobody else’s', async () => {
      const namespace = await addNamespace('short-lived');
      await addToken(namespace, 'left over', { revoked: -1 });
      const { items } = await store.deployTokens.page(
        { owner: namespace, state: null, now: NOW, direction: 'ASC' },
        { limit: 10, start: { after: null }, total: false },
      );

      await store.namespaces.remove(namespace.id);

      const [token] = await store.deployTokens.findByIds(items.map(({ id }) => id));
      expect(token?.owner).to.deep.include({ kind: 'namespace', path: 'short-lived' });
      expect((await pages('any', { owners: INSTANCE })).flat()).to.not.include('left over');
      expect((await pages('any', { owners: { kind: 'all' } })).flat()).to.not.include('left over');
    });
  });
}

function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}
