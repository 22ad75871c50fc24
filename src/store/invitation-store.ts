import { IsNull, LessThan, MoreThan, type EntityManager, type FindOptionsWhere } from 'typeorm';
import type { Invitation, InvitedRole } from '../access/invitation.js';
import type { Page, PageRequest } from '../access/page.js';
import { parseRole } from '../access/role.js';
import { usernameKey } from '../access/user.js';
import { byId, cutPage } from './cut-page.js';
import type { Only } from './table.js';
import { Invitations, type InvitationRow } from './sign-in-tables.js';

export interface NewInvitation extends Pick<
  Invitation,
  'username' | 'roles' | 'createdAt' | 'createdBy' | 'expiresAt'
> {
  readonly secretDigest: Buffer;
}

export interface InvitationStore {
  add(invitation: NewInvitation): Promise<Invitation>;
  findById(id: number): Promise<Invitation | null>;
  findByDigest(secretDigest: Buffer): Promise<Invitation | null>;
  /** The open one for an account of this name. */
  findOpenFor(username: string, now: Date): Promise<Invitation | null>;
  countOpen(now: Date): Promise<number>;
  /** Newest first. */
  page(page: PageRequest): Promise<Page<Invitation>>;
  use(id: number, usedAt: Date, usedBy: number): Promise<void>;
  revoke(id: number, revokedAt: Date): Promise<void>;
  /** Those that somebody made and that are open. */
  revokeOf(createdBy: number, revokedAt: Date): Promise<void>;
  /** Those that ended by themselves before. */
  removeExpired(before: Date): Promise<void>;
}

export function invitationStore(manager: EntityManager): InvitationStore {
  const rows = manager.getRepository(Invitations);
  return {
    async add(invitation) {
      const { username, roles } = invitation;
      const row = {
        ...invitation,
        usernameKey: username && usernameKey(username),
        roles: roles.length === 0 ? null : roles.map(toWord),
        usedAt: null,
        usedBy: null,
        revokedAt: null,
      };
      const { identifiers } = await rows.insert(row);
      return toInvitation({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id });
      return row && toInvitation(row);
    },
    async findByDigest(secretDigest) {
      const row = await rows.findOneBy({ secretDigest });
      return row && toInvitation(row);
    },
    async findOpenFor(username, now) {
      const row = await rows.findOneBy({ ...isOpen(now), usernameKey: usernameKey(username) });
      return row && toInvitation(row);
    },
    async countOpen(now) {
      return await rows.countBy(isOpen(now));
    },
    async page(request) {
      const query = rows.createQueryBuilder('invitation');
      const page = await cutPage(query, byId('invitation', 'DESC'), request);
      return { ...page, items: page.items.map(toInvitation) };
    },
    async use(id, usedAt, usedBy) {
      await rows.update({ id }, { usedAt, usedBy });
    },
    async revoke(id, revokedAt) {
      await rows.update({ id, ...HAS_NOT_ENDED }, { revokedAt });
    },
    async revokeOf(createdBy, revokedAt) {
      await rows.update({ createdBy, ...HAS_NOT_ENDED }, { revokedAt });
    },
    async removeExpired(before) {
      await rows.delete({ expiresAt: LessThan(before) });
    },
  };
}

const HAS_NOT_ENDED = { usedAt: IsNull(), revokedAt: IsNull() };

/** `invitationStatus` once more, as a database can look for it. */
function isOpen(now: Date): FindOptionsWhere<InvitationRow> {
  return { ...HAS_NOT_ENDED, expiresAt: MoreThan(now) };
}

function toWord({ place, role }: InvitedRole): string {
  return `${place.kind}:${place.id}:${role}`;
}

function toInvitedRole(word: string): InvitedRole[] {
  const [kind, id, text = ''] = word.split(':');
  const role = parseRole(text);
  return role !== null && (kind === 'project' || kind === 'namespace')
    ? [{ place: { kind, id: Number(id) }, role }]
    : [];
}

function toInvitation({
  secretDigest: _digest,
  usernameKey: _key,
  roles,
  ...invitation
}: InvitationRow): Only<Invitation, InvitationRow> {
  return { ...invitation, roles: (roles ?? []).flatMap(toInvitedRole) };
}
