import type { JSX } from 'preact';
import { ADDRESSES } from './addresses.js';
import { Band } from './parts/band.js';
import { page, type PageAnswer } from './visit.js';

const TABS = [
  { name: 'users', label: 'Users' },
  { name: 'audit-all', label: 'Audit' },
] as const;

/** A page of the instance's administrators. */
export function adminFrame(
  current: (typeof TABS)[number]['name'],
  shown: { readonly title: string; readonly body: JSX.Element; readonly status?: number },
): PageAnswer {
  const { title, body, status = 200 } = shown;
  const tabs = TABS.map(({ name, label }) => ({
    label,
    href: ADDRESSES[name].path,
    isCurrent: current === name,
  }));
  return page(`${title} · Admin`, body, {
    status,
    band: <Band title="Admin" tabs={{ label: 'Admin', tabs }} />,
  });
}
