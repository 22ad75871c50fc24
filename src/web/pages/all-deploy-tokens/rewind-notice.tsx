import type { JSX } from 'preact';
import type { Rewind, UndoneRevocation } from '../../../access/rewind.js';
import { ADDRESSES } from '../../addresses.js';
import { Notice } from '../../parts/notice.js';
import { utcSecond } from '../../time.js';

/** That the database was put back to an earlier time, and what that let in again. */
export function RewindNotice({ rewind }: { readonly rewind: Rewind | null }): JSX.Element | null {
  return rewind === null ? null : (
    <Notice kind="warn" standing>
      The database was restored from a backup: on {utcSecond(rewind.noticedAt)} it was found to be
      older than it had been on {utcSecond(rewind.from)}. Whatever was revoked, blocked or changed
      in between is undone.{' '}
      {rewind.undone.length > 0 && (
        <>
          Revoked then, and active again:{' '}
          {rewind.undone.map((token, index) => (
            <>
              {index > 0 && ', '}
              <Token token={token} />
            </>
          ))}
          . Revoke them again.
        </>
      )}
    </Notice>
  );
}

function Token({ token }: { readonly token: UndoneRevocation }): JSX.Element {
  const { kind, id, name } = token;
  if (kind === 'access_token') {
    return <>personal access token {id}</>;
  }
  const query = new URLSearchParams({ q: name }).toString();
  return (
    <a href={`${ADDRESSES['all-deploy-tokens'].path}?${query}`}>
      deploy token {id} (<bdi>{name}</bdi>)
    </a>
  );
}
