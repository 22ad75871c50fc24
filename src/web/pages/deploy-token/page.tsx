import type { JSX } from 'preact';
import {
  deployTokenStatus,
  type DeployToken,
  type DeployTokenUse,
  type Owner,
} from '../../../access/deploy-token.js';
import { denialsOfToken, type SeenDenial } from '../../../services/denials.js';
import { usesByDay } from '../../../services/deploy-token-days.js';
import { lastUsesOf } from '../../../services/deploy-token-uses.js';
import { usernamesOf } from '../../../services/users.js';
import { ADDRESSES, type Address } from '../../addresses.js';
import { DenialRows } from '../../denial-rows.js';
import { nameOfUser, Reach, Scopes, StateChip } from '../../deploy-token-parts.js';
import {
  auditAddress,
  newTokenAddress,
  ownerText,
  revokeAddress,
  tokensAddress,
} from '../../owner.js';
import { Band } from '../../parts/band.js';
import { Card, CardBody, CardFoot, WithRail } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Row, Rows } from '../../parts/rows.js';
import { Ago } from '../../parts/time.js';
import type { DayUses } from '../../parts/usage.js';
import { Facts } from '../../parts/verdict.js';
import { placeCrumbs, PlacePath } from '../../place-frame.js';
import { longDay } from '../../time.js';
import { page, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { findTokenIn } from './find.js';
import { StateSentence } from './state.js';
import { UsesByDay } from './uses.js';

const SHOWN_DAYS = 30;
const SHOWN_DENIALS = 10;

/** One deploy token: whether it works, what it reaches, who uses it, and what can be done. */
export async function deployTokenPage(
  deps: WebDeps,
  visit: SignedInVisit,
  owner: Owner,
  { id }: Pick<Address, 'id'>,
): Promise<Answer> {
  const token = await findTokenIn(deps, visit, owner, id);
  const uses = await lastUsesOf(deps, [token]);
  const shown: Shown = {
    owner,
    token,
    use: uses.get(token.id) ?? null,
    days: (await usesByDay(deps, visit.actor, token)).slice(-SHOWN_DAYS),
    names: await usernamesOf(deps, [token.createdBy, token.revokedBy]),
    denials: await lastDenials(deps, visit, { token, owner }),
    now: deps.now(),
  };
  return page(
    `${token.name} · Deploy token · ${ownerText(owner)}`,
    <>
      <StateSentence {...shown} />
      <WithRail rail={<Rail {...shown} />}>
        <UsesByDay days={shown.days} />
        <LastUse {...shown} />
        <RefusedLately {...shown} />
        <History {...shown} />
      </WithRail>
    </>,
    { band: <TokenBand {...shown} /> },
  );
}

export interface Shown {
  readonly owner: Owner;
  readonly token: DeployToken;
  readonly use: DeployTokenUse | null;
  readonly days: readonly DayUses[];
  /** User id to username, of those who made and revoked it. */
  readonly names: ReadonlyMap<number, string>;
  readonly denials: readonly SeenDenial[];
  readonly now: Date;
}

async function lastDenials(
  deps: WebDeps,
  { actor }: SignedInVisit,
  of: Pick<Shown, 'token' | 'owner'>,
): Promise<readonly SeenDenial[]> {
  const request = { limit: SHOWN_DENIALS, start: { after: null }, total: false };
  return (await denialsOfToken(deps, actor, of, request)).items;
}

function TokenBand({ owner, token, now }: Shown): JSX.Element {
  return (
    <Band
      crumbs={[
        ...(owner.kind === 'instance'
          ? [{ label: 'Home', href: ADDRESSES.home.path }]
          : placeCrumbs(owner)),
        { label: 'Deploy Tokens', href: tokensAddress(owner) },
        { label: token.name, href: null },
      ]}
      icon="key-round"
      title={<bdi>{token.name}</bdi>}
      chips={
        <>
          {deployTokenStatus(token, now) === 'active' && (
            <Chip kind="good" icon="circle-check">
              active
            </Chip>
          )}
          <StateChip token={token} now={now} />
        </>
      }
    />
  );
}

function LastUse({ use, now }: Shown): JSX.Element {
  return (
    <Card id="last-use" title="Last use">
      <CardBody>
        {use === null ? (
          <p class="muted">Nothing has signed in with it yet.</p>
        ) : (
          <Facts
            facts={[
              ['When', <Ago instant={use.usedAt} now={now} />],
              ['Door', use.door === 'git' ? 'git' : 'registry'],
              ['From', <bdi>{use.address}</bdi>],
              ['Program', <bdi>{use.userAgent === '' ? 'unnamed' : use.userAgent}</bdi>],
              ['For', use.repository === null ? 'signing in only' : <bdi>{use.repository}</bdi>],
            ]}
          />
        )}
      </CardBody>
    </Card>
  );
}

function RefusedLately({ denials, now }: Shown): JSX.Element | null {
  return denials.length === 0 ? null : (
    <Card id="refused" title="Refused lately" count={denials.length}>
      <DenialRows denials={denials} now={now} />
    </Card>
  );
}

function History({ owner, token, names, now }: Shown): JSX.Element {
  const isExpired = deployTokenStatus(token, now) === 'expired';
  return (
    <Card id="history" title="History">
      <Rows>
        {token.revokedAt !== null && (
          <Row
            title={`${nameOfUser(token.revokedBy, names)} revoked it`}
            meta={<Ago instant={token.revokedAt} now={now} />}
          />
        )}
        {isExpired && token.expiresAt !== null && (
          <Row title="It expired" meta={<Ago instant={token.expiresAt} now={now} />} />
        )}
        <Row
          title={`${nameOfUser(token.createdBy, names)} made it`}
          meta={<Ago instant={token.createdAt} now={now} />}
        />
      </Rows>
      <CardFoot>
        <a href={`${auditAddress(owner)}?token=${token.id}`}>Audit of this deploy token</a>
      </CardFoot>
    </Card>
  );
}

function Rail(props: Shown): JSX.Element {
  const { owner, token, names, now } = props;
  return (
    <>
      <Card id="facts" title="What it is">
        <CardBody>
          <Facts
            facts={[
              ['Username', <code>{token.username}</code>],
              [
                'Owner',
                owner.kind === 'instance' ? (
                  'the instance'
                ) : (
                  <a href={`/${owner.path}`}>
                    <PlacePath path={owner.path} />
                  </a>
                ),
              ],
              [
                'Scopes',
                <span class="scopes">
                  <Scopes scopes={token.scopes} />
                </span>,
              ],
              ['Reaches', <Reach owner={owner} token={token} />],
              ['Expires', token.expiresAt === null ? 'never' : longDay(token.expiresAt)],
              [
                'Made',
                <>
                  <Ago instant={token.createdAt} now={now} /> by{' '}
                  {nameOfUser(token.createdBy, names)}
                </>,
              ],
            ]}
          />
        </CardBody>
      </Card>
      {token.revokedAt === null && (
        <Card id="actions" title="Change it">
          <Rows>
            <Row
              title="Replace"
              meta="Make a second one, put it where this one is used, then revoke this one."
              end={
                <a class="button sm" href={newTokenAddress(owner)}>
                  New…
                  <span class="visually-hidden"> deploy token</span>
                </a>
              }
            />
            <Row
              title="Revoke"
              meta="Refused for good."
              end={
                <a class="button danger sm" href={revokeAddress(owner, token.id)}>
                  Revoke…<span class="visually-hidden"> {token.name}</span>
                </a>
              }
            />
          </Rows>
        </Card>
      )}
    </>
  );
}
