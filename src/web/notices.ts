/**
 * What a page says once after a redirect. The address carries a key, what it was done to, and a seal of
 * both that only a page of the same session can have made: a stranger can write no text into a page.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { fieldText, type Fields } from './fields.js';

/** `…` stands for the object. */
const NOTICES = {
  'token-revoked': 'The deploy token … is revoked. It is refused from the next request on.',
  'form-used': 'This form was sent already, and what it made is no longer shown.',
  'project-created': '… is created, with an empty git repository.',
  'project-removed': '… is removed, and its deploy tokens are revoked.',
  'namespace-created': '… is created.',
  'namespace-removed': '… is removed, and its deploy tokens are revoked.',
  'visibility-changed': 'Visibility saved: this project is ….',
  'default-branch-changed': 'Clones check out … now.',
  'prefix-added': 'This project owns the images of … and below now.',
  'prefix-removed': 'The images of … and below belong to no project any more.',
  'user-promoted': '… is an administrator.',
  'user-removed': 'The account … is removed.',
  'user-demoted': '… is not an administrator any more.',
  'registry-imported': 'The import made ….',
  archived: '… is archived: everything in it is read-only now.',
  unarchived: '… is active again.',
  'member-set': 'Role saved: ….',
  'member-removed': '… is not a member any more.',
  'password-changed': 'Your password is changed, and your other sessions are signed out.',
  'access-token-revoked': 'The personal access token … is revoked.',
  'session-ended': 'The session is signed out.',
  'user-blocked': '… is blocked and signed out everywhere.',
  'user-unblocked': '… can sign in again.',
  'account-created': 'The account … is created. Sign in to go on.',
  'invitation-revoked': 'The invitation … is revoked.',
  welcome: 'The administrator is created. Sign in to go on.',
  'signed-out': 'You are signed out.',
} as const;

export type Notice = keyof typeof NOTICES;

export interface NoticeText {
  readonly before: string;
  readonly of: string;
  readonly after: string;
}

/** The query of an address whose page says this about `of`, to the session with this CSRF token. */
export function noticeQuery(notice: Notice, of: string, csrf: string): string {
  return new URLSearchParams(
    of === '' ? { notice } : { notice, of, seal: sealOf(notice, of, csrf) },
  ).toString();
}

export function noticeIn(visit: {
  readonly query: Fields;
  readonly csrf: string;
}): NoticeText | null {
  const key = fieldText(visit.query, 'notice');
  const text = Object.entries(NOTICES).find(([name]) => name === key)?.[1];
  if (text === undefined) {
    return null;
  }
  const [before = '', after] = text.split('…');
  if (after === undefined) {
    return { before, of: '', after: '' };
  }
  const of = fieldText(visit.query, 'of');
  const isOurs = isSame(fieldText(visit.query, 'seal'), sealOf(key, of, visit.csrf));
  return isOurs ? { before, of, after } : null;
}

/** Lengths are told apart, so that no other pair of texts has the same seal. */
function sealOf(notice: string, of: string, csrf: string): string {
  return createHmac('sha256', csrf)
    .update(JSON.stringify([notice, of]))
    .digest('base64url');
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
