/** Deploy tokens for other programs: as a table, without any secret. */

import type { Actor } from '../access/actor.js';
import { csvOf } from './csv.js';
import {
  listDeployTokens,
  type ListedDeployToken,
  type OverviewDeps,
  type TokenSelection,
} from './deploy-token-overview.js';
import { everyPage } from './every-page.js';
import { usernamesOf, type UserDeps } from './users.js';

const COLUMNS = [
  'id',
  'name',
  'username',
  'kind',
  'owner_kind',
  'owner',
  'only',
  'scopes',
  'created_at',
  'created_by',
  'expires_at',
  'revoked_at',
  'revoked_by',
  'last_used_at',
  'last_used_door',
  'last_used_address',
  'last_used_user_agent',
  'last_used_repository',
] as const;

type UseColumn = Extract<(typeof COLUMNS)[number], `last_used_${string}`>;
type Row = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>;

/** What the list of the same selection shows, on however many pages. */
export function deployTokenCsv(
  deps: OverviewDeps & Pick<UserDeps, 'store'>,
  actor: Actor,
  selection: TokenSelection,
): AsyncGenerator<string> {
  return csvOf(COLUMNS, rowsOf(deps, actor, selection));
}

async function* rowsOf(
  deps: OverviewDeps & Pick<UserDeps, 'store'>,
  actor: Actor,
  selection: TokenSelection,
): AsyncGenerator<readonly Row[]> {
  const pages = everyPage(async ({ limit, start }) => {
    const after = 'after' in start ? start.after : null;
    return { ...(await listDeployTokens(deps, actor, selection, { limit, after })), total: null };
  });
  for await (const listed of pages) {
    const people = listed.flatMap(({ token }) => [token.createdBy, token.revokedBy]);
    const names = await usernamesOf(deps, people);
    yield listed.map((each) => toRow(each, names));
  }
}

function toRow({ token, owner, use }: ListedDeployToken, names: ReadonlyMap<number, string>): Row {
  const { id, name, username, kind, only, scopes, createdAt, expiresAt, revokedAt } = token;
  return {
    id,
    name,
    username,
    kind,
    owner_kind: owner.kind,
    owner: owner.kind === 'instance' ? null : owner.path,
    only: only === null ? null : only.join(' '),
    scopes: scopes.join(' '),
    created_at: createdAt.toISOString(),
    created_by: nameIn(names, token.createdBy),
    expires_at: expiresAt?.toISOString() ?? null,
    revoked_at: revokedAt?.toISOString() ?? null,
    revoked_by: nameIn(names, token.revokedBy),
    ...lastUse(use),
  };
}

function lastUse(use: ListedDeployToken['use']): Pick<Row, UseColumn> {
  return {
    last_used_at: use && use.usedAt.toISOString(),
    last_used_door: use && use.door,
    last_used_address: use && use.address,
    last_used_user_agent: use && use.userAgent,
    last_used_repository: use && use.repository,
  };
}

function nameIn(names: ReadonlyMap<number, string>, id: number | null): string | null {
  return id === null ? null : (names.get(id) ?? null);
}
