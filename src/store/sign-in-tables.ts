/** The tables of what people sign in with: see tables.ts. */

import { digest, id, instant, manyWords, orNull, reference, text, wordList } from './columns.js';
import { Table, type Row } from './table.js';

export type AccessTokenRow = Row<typeof AccessTokens>;
export const AccessTokens = new Table(
  'personal_access_tokens',
  {
    id,
    userId: reference('users'),
    name: text(),
    secretDigest: digest,
    scopes: wordList,
    expiresAt: orNull(instant),
    createdAt: instant,
    revokedAt: orNull(instant),
    lastUsedAt: orNull(instant),
  },
  [{ name: 'personal_access_tokens_by_user', columns: ['userId'] }],
);

export type SessionRow = Row<typeof Sessions>;
/** Somebody who is signed in to the web pages. */
export const Sessions = new Table(
  'sessions',
  {
    id,
    userId: reference('users'),
    secretDigest: digest,
    createdAt: instant,
    lastSeenAt: instant,
    expiresAt: instant,
    /** By which its owner recognises it: what the browser said of itself, and from where. */
    client: text(),
    address: text(64),
  },
  [{ name: 'sessions_by_last_seen', columns: ['userId', 'lastSeenAt'] }],
);

/** A form that makes a secret, once it was sent: sending it again must not make another one. */
export const UsedForms = new Table(
  'used_forms',
  { id, sessionId: reference('sessions'), secretDigest: digest },
  [{ name: 'used_forms_by_session', columns: ['sessionId'] }],
);

/** The one-time link that makes the first administrator. */
export const SetupLinks = new Table('setup_links', {
  id,
  secretDigest: digest,
  expiresAt: instant,
});

export type InvitationRow = Row<typeof Invitations>;
/** The links with which people make their own accounts; kept for a while after their end, to say so. */
export const Invitations = new Table('invitations', {
  id,
  secretDigest: digest,
  username: orNull(text()),
  usernameKey: orNull(text()),
  /** Each as `project:7:developer`; null for none. */
  roles: orNull(manyWords),
  createdAt: instant,
  createdBy: orNull(reference('users')),
  expiresAt: instant,
  usedAt: orNull(instant),
  usedBy: orNull(reference('users')),
  revokedAt: orNull(instant),
});
