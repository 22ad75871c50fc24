/** Which pages are open to whom. */

import type { Actor } from './actor.js';
import { decide, decideOnInstance } from './permissions.js';
import type { Project } from './project.js';
import type { Reason } from './reason.js';

/** A project's own page is for whoever may see the project. */
export const PAGES = {
  anybody: ['home', 'sign-in', 'setup', 'project'],
  signedIn: ['sign-out', 'new-project', 'profile'],
  administrators: ['users', 'audit-all', 'audit-all-csv'],
  maintainers: [
    'repository',
    'new-deploy-token',
    'deploy-token',
    'revoke',
    'members',
    'general',
    'audit',
    'audit-csv',
  ],
} as const;
export type PagesFor<Audience extends keyof typeof PAGES> = (typeof PAGES)[Audience][number];
export type PageName = PagesFor<keyof typeof PAGES>;

export function isOpenPage(page: PageName): page is PagesFor<'anybody'> {
  return PAGES.anybody.some((name) => name === page);
}

/** Of a project, for those who maintain it. */
export function isSettingsPage(page: PageName): page is PagesFor<'maintainers'> {
  return PAGES.maintainers.some((name) => name === page);
}

/**
 * Why the actor may not open this page; null when it may. `project` is the one that the address names,
 * null where it names none; that the actor may see it has been decided before.
 */
export function decidePage(actor: Actor, page: PageName, project: Project | null): Reason | null {
  if (isOpenPage(page)) {
    return null;
  }
  if (actor.kind === 'anonymous') {
    return 'not_signed_in';
  }
  if (isSettingsPage(page)) {
    return project === null ? 'no_project' : decide(actor, 'manage', project);
  }
  return PAGES.administrators.some((name) => name === page)
    ? decideOnInstance(actor, 'administer')
    : null;
}
