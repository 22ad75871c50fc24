/** The address of every page. What looks like git's is answered by the git door before. */

import type { PageName } from '../access/page-access.js';

interface Entry {
  /** `:project` is a project's path, `:id` the number of what it shows, `:link` a secret. */
  readonly path: string;
  /** Whether it takes a POST. One to any other page is another program's mistake. */
  readonly hasForm: boolean;
  /** Its name among the settings of a project. */
  readonly tab?: string;
}

/**
 * Patterns, links, types of what is in an address, and the tabs follow from this table; who may open a
 * page stands in access/page-access.ts, what answers in pages/pages.ts. The first that fits is the page.
 */
export const ADDRESSES = {
  home: { path: '/', hasForm: false },
  'sign-in': { path: '/users/sign_in', hasForm: true },
  'sign-out': { path: '/users/sign_out', hasForm: true },
  'new-project': { path: '/projects/new', hasForm: true },
  users: { path: '/admin/users', hasForm: true },
  'audit-all': { path: '/admin/audit', hasForm: false },
  'audit-all-csv': { path: '/admin/audit.csv', hasForm: false },
  profile: { path: '/-/profile', hasForm: true },
  setup: { path: '/-/setup/:link', hasForm: true },
  repository: { path: '/:project/-/settings/repository', hasForm: false, tab: 'Repository' },
  members: { path: '/:project/-/settings/members', hasForm: true, tab: 'Members' },
  general: { path: '/:project/-/settings/general', hasForm: true, tab: 'General' },
  audit: { path: '/:project/-/settings/audit', hasForm: false, tab: 'Audit' },
  'audit-csv': { path: '/:project/-/settings/audit.csv', hasForm: false },
  'new-deploy-token': {
    path: '/:project/-/settings/repository/deploy_tokens/new',
    hasForm: true,
  },
  'deploy-token': { path: '/:project/-/settings/repository/deploy_tokens/:id', hasForm: false },
  revoke: { path: '/:project/-/settings/repository/deploy_tokens/:id/revoke', hasForm: true },
  project: { path: '/:project', hasForm: false },
} as const satisfies Readonly<Record<PageName, Entry>>;

interface Values {
  readonly project: string;
  readonly id: number;
  readonly link: string;
}

type NameIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NameIn<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** What the address of a page has besides its own words. */
type ValuesOf<P extends PageName> = Pick<
  Values,
  Extract<NameIn<(typeof ADDRESSES)[P]['path']>, keyof Values>
>;

/** For links: `addressOf('members', { project: project.path })`. */
export function addressOf<P extends PageName>(page: P, values: ValuesOf<P>): string {
  let address: string = ADDRESSES[page].path;
  for (const [name, value] of Object.entries(values)) {
    address = address.replace(`:${name}`, String(value));
  }
  return address;
}

export interface Address {
  readonly page: PageName;
  /** Null where the page has none. That there is such a project is not known yet. */
  readonly project: string | null;
  readonly id: number | null;
  readonly link: string | null;
}

const PATTERNS: Readonly<Record<keyof Values, string>> = {
  project: '(?<project>[A-Za-z0-9][\\w.-]*(?:/[\\w.-]+)+?)',
  id: '(?<id>[1-9]\\d{0,8})',
  link: '(?<link>[\\w-]{1,64})',
};

const PAGES = pageNames().map((page) => ({ page, pattern: patternOf(ADDRESSES[page].path) }));

function pageNames(): PageName[] {
  return Object.keys(ADDRESSES).filter((name): name is PageName => name in ADDRESSES);
}

function patternOf(path: string): RegExp {
  const pattern = path
    .replaceAll('.', String.raw`\.`)
    .replace(':project', PATTERNS.project)
    .replace(':id', PATTERNS.id)
    .replace(':link', PATTERNS.link);
  // The clone address, opened in a browser, is the project's page.
  return new RegExp(`^${pattern}${path === ADDRESSES.project.path ? '(?:\\.git)?/?' : ''}$`);
}

/** Null for what is no page. */
export function parseAddress(path: string): Address | null {
  for (const { page, pattern } of PAGES) {
    const match = pattern.exec(path);
    if (match !== null) {
      const { project = null, id, link = null } = match.groups ?? {};
      return project?.includes('/-/') === true
        ? null
        : { page, project, id: id === undefined ? null : Number(id), link };
    }
  }
  return null;
}

/** The settings of a project, in the order of their tabs. */
export const SETTINGS_TABS = pageNames().flatMap((page) => {
  const entry: Entry = ADDRESSES[page];
  return entry.tab === undefined ? [] : [{ page, label: entry.tab, path: entry.path }];
});

/** `path` is that of a tab. */
export function tabAddress(path: string, project: string): string {
  return path.replace(':project', project);
}

/**
 * Where to go on after signing in: a path of ours. `//evil.example` and `/\evil.example` are other
 * hosts to a browser, and so go home.
 */
export function localPath(text: string): string {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}$/.test(text) ? text : '/';
}
