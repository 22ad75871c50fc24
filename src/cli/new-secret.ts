/** What a person does with a secret that was just made. */

import type { AccessTokenScope } from '../access/access-token.js';
import type { DeployTokenScope } from '../access/deploy-token.js';
import { formatExpiry } from '../access/expiry.js';
import type { Config } from '../config/schema.js';
import type { CliContext } from './context.js';
import type { OutputOptions } from './output.js';

interface NewLogin {
  readonly username: string;
  readonly scopes: readonly (AccessTokenScope | DeployTokenScope)[];
  /** The path of a project that it reaches; in capitals what the reader has to put in. */
  readonly project: string;
}

/** Commands that ask for the token as the password; none of them has it in it. */
export function loginLines(
  { registry, http }: Config,
  { username, scopes, project }: NewLogin,
): string[] {
  const { protocol, host } = new URL(http.publicUrl);
  return [
    ...(scopes.some((scope) => scope.endsWith('_registry'))
      ? [`docker login --username '${username}' ${registry.host}`]
      : []),
    ...(scopes.some((scope) => scope.endsWith('_repository'))
      ? [`git clone ${protocol}//${encodeURIComponent(username)}@${host}/${project}.git`]
      : []),
  ];
}

/** Below the fields, for people; a program wants JSON. */
export function sayShownOnce(
  { writeOut }: CliContext,
  { json }: OutputOptions,
  what: 'token' | 'password' | 'link',
  login: readonly string[] = [],
): void {
  if (json !== true) {
    const lines = [
      `The ${what} is shown this once: save it now.`,
      ...(login.length === 0
        ? []
        : ['It is the password of:', ...login.map((line) => `  ${line}`)]),
    ];
    writeOut(`\n${lines.join('\n')}\n`);
  }
}

export function dateOrNull(expiresAt: Date | null): string | null {
  return expiresAt && formatExpiry(expiresAt);
}
