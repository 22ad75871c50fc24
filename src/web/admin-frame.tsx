import type { JSX } from 'preact';
import { ADDRESSES } from './addresses.js';
import { Band, type Crumb } from './parts/band.js';
import { page, type PageAnswer } from './visit.js';

const TABS = [
  { name: 'all-deploy-tokens', label: 'Deploy tokens' },
  { name: 'users', label: 'Users' },
  { name: 'all-denied', label: 'Denied' },
  { name: 'registry', label: 'Registry' },
  { name: 'audit-all', label: 'Audit' },
] as const;

/** A page of the instance's administrators. */
export function adminFrame(
  current: (typeof TABS)[number]['name'],
  shown: {
    readonly title: string;
    readonly body: JSX.Element;
    readonly status?: number;
    /** Behind the tab's own. */
    readonly crumbs?: readonly Crumb[];
  },
): PageAnswer {
  const { title, body, status = 200, crumbs } = shown;
  const tabs = TABS.map(({ name, label }) => ({
    label,
    href: ADDRESSES[name].path,
    isCurrent: current === name,
  }));
  return page(`${title} · Admin`, body, {
    status,
    band: (
      <Band
        title="Admin"
        tabs={{ label: 'Admin', tabs }}
        {...(crumbs !== undefined && { crumbs: [HOME, ...crumbs] })}
      />
    ),
  });
}

const HOME: Crumb = { label: 'Home', href: ADDRESSES.home.path };
