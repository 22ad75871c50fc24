import type { JSX } from 'preact';
import { deployTokenStatus } from '../../../access/deploy-token.js';
import { nameOfUser, UsedFor } from '../../deploy-token-parts.js';
import type { Kind } from '../../parts/chip.js';
import type { IconName } from '../../parts/icon.js';
import { Verdict } from '../../parts/verdict.js';
import { isSoon, longDay } from '../../time.js';
import type { Shown } from './page.js';

interface State {
  readonly kind: Kind;
  readonly icon: IconName;
  readonly title: string;
}

/** Whether it works, and until when, in one sentence; and what it was last used for. */
export function StateSentence(props: Shown): JSX.Element {
  const { use, now } = props;
  const hasEnded = deployTokenStatus(props.token, now) !== 'active';
  return (
    <Verdict id="state" {...stateOf(props)}>
      {use === null ? (
        'Nothing has signed in with it yet.'
      ) : (
        <>
          {isStillTried(props) || !hasEnded ? '' : 'Not tried since. '}
          {isStillTried(props) || use.fault !== null ? 'Last refused ' : 'Last used '}
          <UsedFor use={use} now={now} />
          {use.fault !== null && (
            <>
              : the secret ended with a line break. Store it again without one; <code>echo</code>{' '}
              and most editors add it, <code>printf</code> does not.
            </>
          )}
        </>
      )}
    </Verdict>
  );
}

function stateOf(props: Shown): State {
  const { token, names, now } = props;
  const tried = isStillTried(props) ? ', and still used' : '';
  const ended = { kind: tried === '' ? 'plain' : 'bad', icon: 'circle-x' } as const;
  switch (deployTokenStatus(token, now)) {
    case 'revoked': {
      const day = token.revokedAt === null ? '' : ` on ${longDay(token.revokedAt)}`;
      return { ...ended, title: `Revoked by ${nameOfUser(token.revokedBy, names)}${day}${tried}` };
    }
    case 'expired': {
      const day = token.expiresAt === null ? '' : ` on ${longDay(token.expiresAt)}`;
      return { ...ended, title: `Expired${day}${tried}` };
    }
    case 'suspended': {
      const day = token.suspendedAt === null ? '' : ` since ${longDay(token.suspendedAt)}`;
      return { kind: 'info', icon: 'circle-pause', title: `Suspended${day}` };
    }
    case 'active':
      return activeState(props);
  }
}

function activeState({ token: { expiresAt }, use, now }: Shown): State {
  const until = expiresAt === null ? 'without an end' : `until ${longDay(expiresAt)}`;
  if (expiresAt !== null && isSoon(expiresAt, now)) {
    return { kind: 'warn', icon: 'clock', title: `Works ${until}` };
  }
  if (use === null) {
    return {
      kind: 'info',
      icon: 'circle-dashed',
      title: `Waits for its first use, works ${until}`,
    };
  }
  return use.fault === null
    ? { kind: 'good', icon: 'circle-check', title: `Works ${until}` }
    : { kind: 'warn', icon: 'triangle-alert', title: `Works ${until}, and is stored wrongly` };
}

/** Presented after its end: something somewhere was forgotten. */
function isStillTried({ token, use, now }: Shown): boolean {
  const status = deployTokenStatus(token, now);
  const end = status === 'revoked' ? token.revokedAt : token.expiresAt;
  return status !== 'active' && end !== null && use !== null && use.usedAt >= end;
}
