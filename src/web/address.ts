/** The addresses of the pages. What looks like git's is answered by the git door before. */

export const ADMIN_AUDIT = '/admin/audit';

const FIXED = {
  '/': 'home',
  '/users/sign_in': 'sign-in',
  '/users/sign_out': 'sign-out',
  '/projects/new': 'new-project',
  '/admin/users': 'users',
  [ADMIN_AUDIT]: 'audit-all',
  '/-/profile': 'profile',
} as const;

const SETTINGS = ['repository', 'members', 'general', 'audit'] as const;
export type SettingsPage = (typeof SETTINGS)[number];

type FixedPage = (typeof FIXED)[keyof typeof FIXED];

export type Address =
  | { readonly [P in FixedPage]: { readonly page: P } }[FixedPage]
  | { readonly page: 'setup'; readonly link: string }
  | { readonly page: 'project'; readonly projectPath: string }
  | {
      readonly [P in SettingsPage]: { readonly page: P; readonly projectPath: string };
    }[SettingsPage]
  | { readonly page: 'revoke'; readonly projectPath: string; readonly tokenId: number };

const SETUP = /^\/-\/setup\/(?<link>[\w-]{1,64})$/;
const PROJECT = /^\/(?<path>[A-Za-z0-9][\w.-]*(?:\/[\w.-]+)+?)(?:\.git)?\/?$/;
const PROJECT_SETTINGS =
  /^\/(?<path>[A-Za-z0-9][\w.-]*(?:\/[\w.-]+)+?)\/-\/settings\/(?<section>repository|members|general|audit)$/;
const REVOKE =
  /^\/(?<path>[A-Za-z0-9][\w.-]*(?:\/[\w.-]+)+?)\/-\/settings\/repository\/deploy_tokens\/(?<id>[1-9]\d{0,8})\/revoke$/;

/** Null for what is no page. That there is such a project is not known yet. */
export function parseAddress(path: string): Address | null {
  const fixed = Object.entries(FIXED).find(([address]) => address === path);
  if (fixed !== undefined) {
    return { page: fixed[1] };
  }
  const link = SETUP.exec(path)?.groups?.['link'];
  if (link !== undefined) {
    return { page: 'setup', link };
  }
  return parseProjectAddress(path);
}

function parseProjectAddress(path: string): Address | null {
  const settings = PROJECT_SETTINGS.exec(path)?.groups;
  const section = SETTINGS.find((name) => name === settings?.['section']);
  if (settings?.['path'] !== undefined && section !== undefined) {
    return { page: section, projectPath: settings['path'] };
  }
  const revoke = REVOKE.exec(path)?.groups;
  if (revoke?.['path'] !== undefined) {
    return { page: 'revoke', projectPath: revoke['path'], tokenId: Number(revoke['id']) };
  }
  const projectPath = PROJECT.exec(path)?.groups?.['path'];
  return projectPath === undefined || projectPath.includes('/-/')
    ? null
    : { page: 'project', projectPath };
}

export function settingsAddress(projectPath: string, page: SettingsPage): string {
  return `/${projectPath}/-/settings/${page}`;
}

export function revokeAddress(projectPath: string, tokenId: number): string {
  return `${settingsAddress(projectPath, 'repository')}/deploy_tokens/${tokenId}/revoke`;
}

/**
 * Where to go on after signing in: a path of ours. `//evil.example` and `/\evil.example` are other
 * hosts to a browser, and so go home.
 */
export function localPath(text: string): string {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}$/.test(text) ? text : '/';
}
