/** Which pages are open to whom. */

import type { Actor } from './actor.js';
import type { Place } from './namespace.js';
import { decideAt, decideOnInstance } from './permissions.js';
import type { Reason } from './reason.js';

/** The own page of a project or a namespace is for whoever may see it. */
export const PAGES = {
  anybody: ['home', 'sign-in', 'setup', 'invitation', 'place'],
  signedIn: ['explain', 'sign-out', 'new-project', 'new-namespace', 'profile'],
  administrators: [
    'users',
    'invitations',
    'registry',
    'registry-import',
    'audit-all',
    'audit-all-csv',
    'all-denied',
    'all-deploy-tokens',
    'all-deploy-tokens-csv',
    'new-instance-token',
    'instance-token',
    'revoke-instance-token',
  ],
  maintainers: [
    'repository',
    'new-deploy-token',
    'deploy-token',
    'revoke',
    'members',
    'general',
    'audit',
    'audit-csv',
    'denied',
  ],
} as const;
export type PagesFor<Audience extends keyof typeof PAGES> = (typeof PAGES)[Audience][number];
export type PageName = PagesFor<keyof typeof PAGES>;

export function isOpenPage(page: PageName): page is PagesFor<'anybody'> {
  return PAGES.anybody.some((name) => name === page);
}

/** Of a project or a namespace, for those who maintain it. */
export function isSettingsPage(page: PageName): page is PagesFor<'maintainers'> {
  return PAGES.maintainers.some((name) => name === page);
}

/**
 * Why the actor may not open this page; null when it may. `place` is the one that the address names,
 * null where it names none; that the actor may see it has been decided before.
 */
export function decidePage(actor: Actor, page: PageName, place: Place | null): Reason | null {
  if (isOpenPage(page)) {
    return null;
  }
  if (actor.kind === 'anonymous') {
    return 'not_signed_in';
  }
  if (isSettingsPage(page)) {
    return place === null ? 'no_project' : decideAt(actor, 'manage', place);
  }
  return PAGES.administrators.some((name) => name === page)
    ? decideOnInstance(actor, 'administer')
    : null;
}
