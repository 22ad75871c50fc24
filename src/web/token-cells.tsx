/** The cells of a deploy token in a table, whoever owns it. */

import type { JSX } from 'preact';
import { deployTokenStatus, type DeployToken } from '../access/deploy-token.js';
import type { ListedDeployToken } from '../services/deploy-token-overview.js';
import { nameOfUser, OnlyPaths, Scopes, StateChip, UsedBy } from './deploy-token-parts.js';
import { tokenAddress, type OwnerName } from './owner.js';
import { Cell, MainCell } from './parts/grid.js';
import { Ago } from './parts/time.js';
import { shortDay } from './time.js';

export function TokenName(props: {
  readonly owner: OwnerName;
  readonly token: DeployToken;
  readonly now: Date;
  /** Whether the reader may open it. */
  readonly mayOpen?: boolean;
}): JSX.Element {
  const { owner, token, now, mayOpen = true } = props;
  const name = <bdi>{token.name}</bdi>;
  return (
    <MainCell
      icon="key-round"
      title={
        <>
          {mayOpen ? <a href={tokenAddress(owner, token.id)}>{name}</a> : name}{' '}
          <StateChip token={token} now={now} />
        </>
      }
      sub={
        <span class="scopes">
          <code>{token.username}</code>
          <Scopes scopes={token.scopes} />
          {token.only !== null && (
            <span class="only">
              only <OnlyPaths only={token.only} />
            </span>
          )}
        </span>
      }
    />
  );
}

export function TokenUse(props: {
  readonly of: string;
  readonly listed: Pick<ListedDeployToken, 'token' | 'use'>;
  readonly now: Date;
}): JSX.Element {
  const { of, now, listed } = props;
  const { use } = listed;
  return use === null ? (
    <Cell
      of={of}
      first={<span class="muted">never</span>}
      second={
        <>
          made <Ago instant={listed.token.createdAt} now={now} />
        </>
      }
    />
  ) : (
    <Cell of={of} first={<Ago instant={use.usedAt} now={now} />} second={<UsedBy use={use} />} />
  );
}

/** When it expired or was revoked, and by whom. */
export function TokenEnd(props: {
  readonly token: DeployToken;
  /** User id to username, of those who revoked them. */
  readonly names: ReadonlyMap<number, string>;
  readonly now: Date;
}): JSX.Element {
  const { token, names, now } = props;
  const isExpired = deployTokenStatus(token, now) === 'expired';
  const at = isExpired ? token.expiresAt : token.revokedAt;
  return (
    <Cell
      of="Ended"
      first={at === null ? '' : <Ago instant={at} now={now} />}
      second={isExpired && at !== null ? shortDay(at) : `by ${nameOfUser(token.revokedBy, names)}`}
    />
  );
}
