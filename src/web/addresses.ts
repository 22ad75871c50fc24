/** The address of every page. What looks like git's is answered by the git door before. */

import type { PageName } from '../access/page-access.js';

interface Entry {
  /** `:place` is the path of a project or a namespace, `:id` the number of what it shows, `:link` a secret. */
  readonly path: string;
  /** Whether it takes a POST. One to any other page is another program's mistake. */
  readonly hasForm: boolean;
  /** Its name among the settings of a project; those of a namespace have the other where it differs. */
  readonly tab?: string;
  readonly namespaceTab?: string;
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
  'new-namespace': { path: '/-/namespaces/new', hasForm: true },
  users: { path: '/admin/users', hasForm: true },
  invitations: { path: '/admin/users/invitations', hasForm: true },
  'all-deploy-tokens': { path: '/admin/deploy_tokens', hasForm: false },
  'all-deploy-tokens-csv': { path: '/admin/deploy_tokens.csv', hasForm: false },
  'new-instance-token': { path: '/admin/deploy_tokens/new', hasForm: true },
  'instance-token': { path: '/admin/deploy_tokens/:id', hasForm: false },
  'revoke-instance-token': { path: '/admin/deploy_tokens/:id/revoke', hasForm: true },
  registry: { path: '/admin/registry', hasForm: false },
  'registry-import': { path: '/admin/registry/import', hasForm: true },
  'audit-all': { path: '/admin/audit', hasForm: false },
  'audit-all-csv': { path: '/admin/audit.csv', hasForm: false },
  'all-denied': { path: '/admin/denied', hasForm: false },
  explain: { path: '/-/explain', hasForm: false },
  profile: { path: '/-/profile', hasForm: true },
  setup: { path: '/-/setup/:link', hasForm: true },
  invitation: { path: '/-/invitation/:link', hasForm: true },
  repository: {
    path: '/:place/-/settings/repository',
    hasForm: false,
    tab: 'Repository',
    namespaceTab: 'Deploy tokens',
  },
  members: { path: '/:place/-/settings/members', hasForm: true, tab: 'Members' },
  general: { path: '/:place/-/settings/general', hasForm: true, tab: 'General' },
  audit: { path: '/:place/-/settings/audit', hasForm: false, tab: 'Audit' },
  denied: { path: '/:place/-/settings/denied', hasForm: false, tab: 'Denied' },
  'audit-csv': { path: '/:place/-/settings/audit.csv', hasForm: false },
  'new-deploy-token': {
    path: '/:place/-/settings/repository/deploy_tokens/new',
    hasForm: true,
  },
  'deploy-token': { path: '/:place/-/settings/repository/deploy_tokens/:id', hasForm: false },
  revoke: { path: '/:place/-/settings/repository/deploy_tokens/:id/revoke', hasForm: true },
  place: { path: '/:place', hasForm: false },
} as const satisfies Readonly<Record<PageName, Entry>>;

interface Values {
  readonly place: string;
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

/** For links: `addressOf('members', { place: project.path })`. */
export function addressOf<P extends PageName>(page: P, values: ValuesOf<P>): string {
  let address: string = ADDRESSES[page].path;
  for (const [name, value] of Object.entries(values)) {
    address = address.replace(`:${name}`, String(value));
  }
  return address;
}

/** The page that explains what somebody gets: `action` is the usual one where it is missing. */
export function explainAddress(question: {
  readonly who: string;
  readonly name: string;
  readonly door: string;
  readonly action?: string | undefined;
}): string {
  const { action, ...asked } = question;
  const query = new URLSearchParams({ ...asked, ...(action !== undefined && { action }) });
  return `${ADDRESSES.explain.path}?${query.toString()}`;
}

export interface Address {
  readonly page: PageName;
  /** Null where the page has none. That there is such a project or namespace is not known yet. */
  readonly place: string | null;
  readonly id: number | null;
  readonly link: string | null;
}

const PATTERNS: Readonly<Record<keyof Values, string>> = {
  place: '(?<place>[A-Za-z0-9][\\w.-]*?(?:/[\\w.-]+)*?)',
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
    .replace(':place', PATTERNS.place)
    .replace(':id', PATTERNS.id)
    .replace(':link', PATTERNS.link);
  // The clone address, opened in a browser, is the project's page.
  return new RegExp(`^${pattern}${path === ADDRESSES.place.path ? '(?:\\.git)?/?' : ''}$`);
}

/** Null for what is no page. */
export function parseAddress(path: string): Address | null {
  for (const { page, pattern } of PAGES) {
    const match = pattern.exec(path);
    if (match !== null) {
      const { place = null, id, link = null } = match.groups ?? {};
      return place?.includes('/-/') === true
        ? null
        : { page, place, id: id === undefined ? null : Number(id), link };
    }
  }
  return null;
}

/** The settings of a project or a namespace, in the order of their tabs. */
export const SETTINGS_TABS = pageNames().flatMap((page) => {
  const { tab, namespaceTab = tab, path }: Entry = ADDRESSES[page];
  return tab === undefined || namespaceTab === undefined
    ? []
    : [{ page, label: { project: tab, namespace: namespaceTab }, path }];
});

/** `path` is that of a tab. */
export function tabAddress(path: string, place: string): string {
  return path.replace(':place', place);
}

/**
 * Where to go on after signing in: a path of ours. `//evil.example` and `/\evil.example` are other
 * hosts to a browser, and so go home.
 */
export function localPath(text: string): string {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}$/.test(text) ? text : '/';
}
