/** A database from the past: who was revoked after the backup is let in again, and nobody is told. */

import type { Actor } from '../access/actor.js';
import type { Rewind, UndoneRevocation } from '../access/rewind.js';
import type { DatabaseMark } from '../store/database-mark.js';
import type { Store, Stores } from '../store/open-store.js';
import { requireAdministrator } from './requirements.js';

const REVOCATIONS = [
  { action: 'deploy_token_revoked', kind: 'deploy_token' },
  { action: 'access_token_revoked', kind: 'access_token' },
] as const;
/** Of each kind, the latest: a backup is a day or a week old. */
const REVOCATIONS_MAX = 200;
const DAY_MS = 24 * 60 * 60 * 1000;
/** For as long the administrators are told. */
const TOLD_DAYS = 30;

/** Null when the database is where it was at that mark. */
export async function markSince(store: Store, writes: number | null): Promise<DatabaseMark | null> {
  const present = await store.instance.writes();
  if (present === writes) {
    return null;
  }
  const { databaseId } = await store.instance.read();
  const revoked: DatabaseMark['revoked'] = [];
  for (const { action, kind } of REVOCATIONS) {
    const filter = { ...EVERYTHING, action };
    const request = { limit: REVOCATIONS_MAX, start: { after: null }, total: false } as const;
    for (const { subjectId, subject, at } of (await store.auditEvents.page(filter, request))
      .items) {
      if (subjectId !== null) {
        revoked.push({ kind, id: subjectId, name: subject, revokedAt: at });
      }
    }
  }
  return { database: databaseId, writes: present, at: new Date(), revoked };
}

/** Null for a database that has come as far as its mark; remembers what it finds. */
export async function noticeRewind(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  mark: DatabaseMark | null,
): Promise<Rewind | null> {
  if (mark === null || (await store.instance.writes()) >= mark.writes) {
    return null;
  }
  return await store.write(async (stores) => {
    const undone: UndoneRevocation[] = [];
    for (const token of mark.revoked) {
      if (await isActiveAgain(stores, token)) {
        undone.push(token);
      }
    }
    const rewind = { noticedAt: now(), from: mark.at, undone };
    await stores.instance.recordRewind(rewind, mark.writes);
    return rewind;
  });
}

/** What the administrators have still to look at; null when there is nothing. */
export async function rewindToTell(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  actor: Actor,
): Promise<Rewind | null> {
  requireAdministrator(actor);
  const rewind = await store.instance.rewind();
  if (rewind === null || now().getTime() - rewind.noticedAt.getTime() > TOLD_DAYS * DAY_MS) {
    return null;
  }
  const undone: UndoneRevocation[] = [];
  for (const token of rewind.undone) {
    if (await isActiveAgain(store, token)) {
      undone.push(token);
    }
  }
  return { ...rewind, undone };
}

async function isActiveAgain(
  { deployTokens, accessTokens }: Pick<Stores, 'deployTokens' | 'accessTokens'>,
  { kind, id }: UndoneRevocation,
): Promise<boolean> {
  const token = await (kind === 'deploy_token' ? deployTokens : accessTokens).findById(id);
  return token !== null && token.revokedAt === null;
}

const EVERYTHING = {
  projectId: null,
  below: null,
  actor: null,
  action: null,
  subject: null,
  from: null,
  until: null,
};
