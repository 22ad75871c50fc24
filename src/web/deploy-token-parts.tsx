/** What several pages show of a deploy token. */

import type { JSX } from 'preact';
import {
  deployTokenStatus,
  type DeployToken,
  type DeployTokenScope,
  type DeployTokenUse,
} from '../access/deploy-token.js';
import { reachText, revokeAddress, type OwnerName } from './owner.js';
import { Ask, type KeepIt } from './parts/ask.js';
import { Chip } from './parts/chip.js';
import { Icon, type IconName } from './parts/icon.js';
import { Notice } from './parts/notice.js';
import { Ago } from './parts/time.js';
import { isSoon } from './time.js';

export const SCOPE_ICONS: Readonly<Record<DeployTokenScope, IconName>> = {
  read_registry: 'container',
  read_repository: 'git-branch',
};

export function Scopes({ scopes }: { readonly scopes: readonly DeployTokenScope[] }): JSX.Element {
  return (
    <>
      {scopes.map((scope) => (
        <span key={scope}>
          <Icon name={SCOPE_ICONS[scope]} />
          {scope}
        </span>
      ))}
    </>
  );
}

/** Nothing for an active one that will stay so for a while. */
export function StateChip(props: {
  readonly token: DeployToken;
  readonly now: Date;
}): JSX.Element | null {
  const { token, now } = props;
  switch (deployTokenStatus(token, now)) {
    case 'revoked':
      return (
        <Chip kind="bad" icon="circle-x">
          revoked
        </Chip>
      );
    case 'expired':
      return (
        <Chip kind="bad" icon="circle-x">
          expired
        </Chip>
      );
    case 'suspended':
      return (
        <Chip kind="info" icon="circle-pause">
          suspended
        </Chip>
      );
    case 'active':
      return token.expiresAt !== null && isSoon(token.expiresAt, now) ? (
        <Chip kind="warn" icon="clock">
          expires soon
        </Chip>
      ) : null;
  }
}

const PRODUCT = /^(?<name>[^\s/()]{1,40})\/(?<version>[^\s/()]{1,20})/;
const MAX_CLIENT = 40;

/** What a program says of itself, in two words: `containerd 1.7.22`. */
export function clientName(userAgent: string): string {
  const { name, version } = PRODUCT.exec(userAgent)?.groups ?? {};
  if (name !== undefined && version !== undefined) {
    return `${name} ${version}`;
  }
  return userAgent === '' ? 'an unnamed program' : userAgent.slice(0, MAX_CLIENT);
}

/** `containerd 1.7.22 · 203.0.113.7` */
export function UsedBy({ use }: { readonly use: DeployTokenUse }): JSX.Element {
  return (
    <>
      <bdi title={use.userAgent}>{clientName(use.userAgent)}</bdi> · <bdi>{use.address}</bdi>
    </>
  );
}

/** `3 minutes ago by containerd 1.7.22 at 203.0.113.7 for tanuki/awesome_project/api` */
export function UsedFor(props: { readonly use: DeployTokenUse; readonly now: Date }): JSX.Element {
  const { use, now } = props;
  return (
    <>
      <Ago instant={use.usedAt} now={now} /> by{' '}
      <bdi title={use.userAgent}>{clientName(use.userAgent)}</bdi> at <bdi>{use.address}</bdi>
      {use.repository !== null && (
        <>
          {' '}
          for <bdi>{use.repository}</bdi>
        </>
      )}
    </>
  );
}

/** `all images and the git repository of tanuki/app, from anywhere`, or what it is narrowed to. */
export function Reach(props: {
  readonly owner: OwnerName;
  readonly token: Pick<DeployToken, 'scopes' | 'only'>;
}): JSX.Element {
  const { owner, token } = props;
  return (
    <>
      {readsOf(token, owner)} of {owner.kind === 'project' ? 'this project' : reachText(owner)}
      {token.only !== null && (
        <>
          , only <OnlyPaths only={token.only} />
        </>
      )}
      , from anywhere
    </>
  );
}

/** `all images and the git repository`, or repositories. */
export function readsOf({ scopes }: Pick<DeployToken, 'scopes'>, owner: OwnerName): string {
  return [
    ...(scopes.includes('read_registry') ? ['all images'] : []),
    ...(scopes.includes('read_repository')
      ? [owner.kind === 'project' ? 'the git repository' : 'the git repositories']
      : []),
  ].join(' and ');
}

/** What a deploy token is narrowed to. */
export function OnlyPaths({ only }: { readonly only: readonly string[] }): JSX.Element {
  return (
    <>
      {only.map((path, index) => (
        <>
          {index > 0 && ', '}
          <code key={path}>{path}</code>
        </>
      ))}
    </>
  );
}

export function nameOfUser(userId: number | null, names: ReadonlyMap<number, string>): string {
  return userId === null ? 'the operator' : (names.get(userId) ?? 'a former user');
}

/** On a page of its own, and in a dialog. */
export function RevokeQuestion(props: {
  readonly id: string;
  readonly owner: OwnerName;
  readonly token: DeployToken;
  readonly use: DeployTokenUse | null;
  readonly now: Date;
  readonly csrf: string;
  readonly keepIt: KeepIt;
}): JSX.Element {
  const { id, owner, token, use, now, csrf, keepIt } = props;
  return (
    <Ask
      id={id}
      title={
        <>
          Revoke <bdi>{token.name}</bdi>?
        </>
      }
      use={<LastUse use={use} now={now} />}
      action={revokeAddress(owner, token.id)}
      csrf={csrf}
      keepIt={keepIt}
      doIt={
        <button type="submit" class="button solid">
          Revoke {token.name}
        </button>
      }
    >
      Whatever signs in as <code>{token.username}</code> with it is refused from the next request
      on. This cannot be undone.
    </Ask>
  );
}

const RECENT_MS = 7 * 24 * 60 * 60 * 1000;

function LastUse(props: { readonly use: DeployTokenUse | null; readonly now: Date }): JSX.Element {
  const { use, now } = props;
  if (use === null) {
    return (
      <Notice kind="info" standing>
        <strong>It was never used.</strong>
      </Notice>
    );
  }
  const isInUse = now.getTime() - use.usedAt.getTime() < RECENT_MS;
  return (
    <Notice kind={isInUse ? 'bad' : 'info'} standing>
      {isInUse && <strong>It is in use. </strong>}
      Last {use.fault === null ? 'used' : 'refused'} <UsedFor use={use} now={now} />.
    </Notice>
  );
}

/** What removing their owner does to its active ones. */
export function endOfDeployTokens(active: number): string {
  switch (active) {
    case 0:
      return 'It has no active deploy token.';
    case 1:
      return 'Its active deploy token is revoked at once.';
    default:
      return `Its ${active} active deploy tokens are revoked at once.`;
  }
}
