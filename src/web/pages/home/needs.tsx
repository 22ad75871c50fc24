import type { JSX } from 'preact';
import type { ListedDeployToken } from '../../../services/deploy-token-overview.js';
import { ADDRESSES } from '../../addresses.js';
import { clientName, StateChip } from '../../deploy-token-parts.js';
import { ownerText, tokenAddress } from '../../owner.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Empty } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { Ago } from '../../parts/time.js';
import { longDay, relativeTime, SOON_DAYS } from '../../time.js';

/** Of each kind, when asked for all. */
export const MOST_AT_ONCE = 100;

/** Deploy tokens that somebody has to look at, in the projects that the visitor maintains. */
export function NeedsYou(props: {
  readonly refused: readonly ListedDeployToken[];
  readonly expiring: readonly ListedDeployToken[];
  readonly count: number;
  readonly now: Date;
}): JSX.Element {
  const { refused, expiring, count, now } = props;
  const shown = refused.length + expiring.length;
  return (
    <Card id="needs" title="Needs you" count={count} note="In the projects that you maintain.">
      {count === 0 ? (
        <Empty icon="circle-check" kind="good" title="Nothing needs you">
          No deploy token expires in the next {SOON_DAYS} days, and nothing signs in with one that
          has ended.
        </Empty>
      ) : (
        <Rows>
          {refused.map((listed) => (
            <StillUsed key={listed.token.id} listed={listed} now={now} />
          ))}
          {expiring.map((listed) => (
            <Expiring key={listed.token.id} listed={listed} now={now} />
          ))}
        </Rows>
      )}
      {shown < count && (
        <CardFoot>
          <span>
            {shown} of {count}
          </span>
          {shown < MOST_AT_ONCE ? (
            <a href={`${ADDRESSES.home.path}?needs=all`}>Show more</a>
          ) : (
            <span>The others are on the pages of their projects.</span>
          )}
        </CardFoot>
      )}
    </Card>
  );
}

interface RowProps {
  readonly listed: ListedDeployToken;
  readonly now: Date;
}

function StillUsed({ listed, now }: RowProps): JSX.Element {
  const { token, owner, use } = listed;
  const [what, at] =
    token.revokedAt === null ? ['expired', token.expiresAt] : ['was revoked', token.revokedAt];
  return (
    <Row
      icon="circle-x"
      kind="bad"
      title={
        <>
          <TokenLink listed={listed} /> {what} {at === null ? '' : relativeTime(at, now)} and is
          still used
        </>
      }
      meta={
        <>
          {ownerText(owner)}
          {use !== null && (
            <>
              {' '}
              · refused <Ago instant={use.usedAt} now={now} /> from <bdi>{use.address}</bdi>
            </>
          )}
        </>
      }
      end={
        <a class="button sm" href={tokenAddress(owner, token.id)}>
          See who uses it<span class="visually-hidden">: {token.name}</span>
        </a>
      }
    />
  );
}

function Expiring({ listed, now }: RowProps): JSX.Element {
  const { token, owner, use } = listed;
  const { expiresAt } = token;
  return (
    <Row
      icon="clock"
      kind="warn"
      title={
        <>
          <TokenLink listed={listed} /> expires{' '}
          {expiresAt === null ? '' : relativeTime(expiresAt, now)}
        </>
      }
      meta={
        <>
          {ownerText(owner)} · {expiresAt === null ? '' : longDay(expiresAt)} ·{' '}
          <Used use={use} now={now} />
        </>
      }
      end={
        <a class="button sm" href={tokenAddress(owner, token.id)}>
          Open<span class="visually-hidden"> {token.name}</span>
        </a>
      }
    />
  );
}

function TokenLink({ listed: { token, owner } }: Pick<RowProps, 'listed'>): JSX.Element {
  return (
    <a href={tokenAddress(owner, token.id)}>
      <bdi>{token.name}</bdi>
    </a>
  );
}

function Used(props: Pick<ListedDeployToken, 'use'> & { readonly now: Date }): JSX.Element {
  const { use, now } = props;
  return use === null ? (
    <>never used</>
  ) : (
    <>
      last used <Ago instant={use.usedAt} now={now} /> by <bdi>{clientName(use.userAgent)}</bdi>
    </>
  );
}

/** What the search in the bar finds beside projects. */
export function FoundTokens(props: {
  readonly tokens: readonly ListedDeployToken[];
  readonly text: string;
  readonly now: Date;
  readonly mayBeMore: boolean;
}): JSX.Element {
  const { tokens, text, now, mayBeMore } = props;
  return (
    <Card
      id="found-tokens"
      title="Deploy tokens"
      count={mayBeMore ? `the first ${tokens.length}` : tokens.length}
      note={`Whose name, username or last address has “${text}”.`}
    >
      <Rows>
        {tokens.map((listed) => (
          <Row
            key={listed.token.id}
            icon="key-round"
            title={
              <>
                <TokenLink listed={listed} /> <StateChip token={listed.token} now={now} />
              </>
            }
            meta={
              <>
                {ownerText(listed.owner)} · <code>{listed.token.username}</code> ·{' '}
                <Used use={listed.use} now={now} />
                {listed.use !== null && (
                  <>
                    {' '}
                    at <bdi>{listed.use.address}</bdi>
                  </>
                )}
              </>
            }
          />
        ))}
      </Rows>
    </Card>
  );
}
