/** Whole lists, read page by page as everybody reads them. */

import type { AccessToken } from '../../src/access/access-token.js';
import type { AuditEvent } from '../../src/access/audit-event.js';
import type { DeployToken } from '../../src/access/deploy-token.js';
import type { Cursor, Page, PageRequest } from '../../src/access/page.js';
import type { Project } from '../../src/access/project.js';
import type { Member } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';
import { EVERY_PROJECT } from '../../src/services/projects.js';
import { EVERY_USER } from '../../src/services/users.js';
import type { AuditFilter } from '../../src/store/audit-store.js';
import type { Stores } from '../../src/store/open-store.js';

const NOW = new Date(0);

export const ANY_EVENT: AuditFilter = {
  projectId: null,
  below: null,
  actor: null,
  action: null,
  subject: null,
  from: null,
  until: null,
};

/** Oldest first. */
export async function usersIn({ users }: Pick<Stores, 'users'>): Promise<User[]> {
  return await rowsOf(async (request) => await users.page(EVERY_USER, request));
}

/** By path. */
export async function projectsIn({ projects }: Pick<Stores, 'projects'>): Promise<Project[]> {
  const filter = { ...EVERY_PROJECT, membership: null, sight: { kind: 'all' } } as const;
  return await rowsOf(async (request) => await projects.page(filter, request));
}

/** By user id. */
export async function membersOf(
  { members }: Pick<Stores, 'members'>,
  projectId: number,
): Promise<Member[]> {
  const place = { kind: 'project', id: projectId } as const;
  const filter = { place, text: '', userIds: null };
  return await rowsOf(async (request) => await members.page(filter, request));
}

/** Oldest first, the dead ones too. */
export async function deployTokensOf(
  { deployTokens }: Pick<Stores, 'deployTokens'>,
  projectId: number,
): Promise<DeployToken[]> {
  const owner = { kind: 'project', id: projectId } as const;
  const filter = { owner, state: null, now: NOW, direction: 'ASC' } as const;
  return await rowsOf(async (request) => await deployTokens.page(filter, request));
}

/** Newest first, the dead ones too. */
export async function accessTokensOf(
  { accessTokens }: Pick<Stores, 'accessTokens'>,
  userId: number,
): Promise<AccessToken[]> {
  const filter = { userId, state: null, now: NOW };
  return await rowsOf(async (request) => await accessTokens.page(filter, request));
}

/** The latest first; of all projects and of none for null. */
export async function auditEventsOf(
  { auditEvents }: Pick<Stores, 'auditEvents'>,
  projectId: number | null,
): Promise<AuditEvent[]> {
  const filter = { ...ANY_EVENT, projectId };
  return await rowsOf(async (request) => await auditEvents.page(filter, request));
}

async function rowsOf<T>(pageOf: (request: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  return (await pagesOf(pageOf, 100)).flat();
}

export async function pagesOf<T>(
  pageOf: (request: PageRequest) => Promise<Page<T>>,
  limit: number,
): Promise<(readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  let after: Cursor | null = null;
  do {
    const { items, next }: Page<T> = await pageOf({ limit, start: { after }, total: false });
    pages.push(items);
    after = next;
  } while (after !== null);
  return pages;
}
