import type { JSX } from 'preact';
import {
  deployTokenStatus,
  type DeployToken,
  type DeployTokenUse,
} from '../../../access/deploy-token.js';
import type { Project } from '../../../access/project.js';
import { usesByDay } from '../../../services/deploy-token-days.js';
import { lastUsesOf } from '../../../services/deploy-token-uses.js';
import { usernamesOf } from '../../../services/users.js';
import { addressOf, type Address } from '../../addresses.js';
import { nameOfUser, Scopes, StateChip } from '../../deploy-token-parts.js';
import { Band } from '../../parts/band.js';
import { Card, CardBody, CardFoot, WithRail } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Row, Rows } from '../../parts/rows.js';
import { Ago } from '../../parts/time.js';
import type { DayUses } from '../../parts/usage.js';
import { Facts } from '../../parts/verdict.js';
import { projectCrumbs, ProjectPath } from '../../project-frame.js';
import { longDay } from '../../time.js';
import { page, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { findTokenIn } from './find.js';
import { StateSentence } from './state.js';
import { UsesByDay } from './uses.js';

const SHOWN_DAYS = 30;

/** One deploy token: whether it works, what it reaches, who uses it, and what can be done. */
export async function deployTokenPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  { id }: Pick<Address, 'id'>,
): Promise<Answer> {
  const token = await findTokenIn(deps, visit, project, id);
  const uses = await lastUsesOf(deps, [token]);
  const shown: Shown = {
    project,
    token,
    use: uses.get(token.id) ?? null,
    days: (await usesByDay(deps, visit.actor, token)).slice(-SHOWN_DAYS),
    names: await usernamesOf(deps, [token.createdBy, token.revokedBy]),
    now: deps.now(),
  };
  return page(
    `${token.name} · Deploy token · ${project.path}`,
    <>
      <StateSentence {...shown} />
      <WithRail rail={<Rail {...shown} />}>
        <UsesByDay days={shown.days} />
        <LastUse {...shown} />
        <History {...shown} />
      </WithRail>
    </>,
    { band: <TokenBand {...shown} /> },
  );
}

export interface Shown {
  readonly project: Project;
  readonly token: DeployToken;
  readonly use: DeployTokenUse | null;
  readonly days: readonly DayUses[];
  /** User id to username, of those who made and revoked it. */
  readonly names: ReadonlyMap<number, string>;
  readonly now: Date;
}

function TokenBand({ project, token, now }: Shown): JSX.Element {
  return (
    <Band
      crumbs={[
        ...projectCrumbs(project),
        { label: 'Deploy Tokens', href: addressOf('repository', { project: project.path }) },
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

function History({ project, token, names, now }: Shown): JSX.Element {
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
        <a href={`${addressOf('audit', { project: project.path })}?token=${token.id}`}>
          Audit of this deploy token
        </a>
      </CardFoot>
    </Card>
  );
}

function Rail(props: Shown): JSX.Element {
  const { project, token, names, now } = props;
  return (
    <>
      <Card id="facts" title="What it is">
        <CardBody>
          <Facts
            facts={[
              ['Username', <code>{token.username}</code>],
              [
                'Owner',
                <a href={`/${project.path}`}>
                  <ProjectPath path={project.path} />
                </a>,
              ],
              [
                'Scopes',
                <span class="scopes">
                  <Scopes scopes={token.scopes} />
                </span>,
              ],
              ['Reaches', reachOf(token)],
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
                <a
                  class="button sm"
                  href={addressOf('new-deploy-token', { project: project.path })}
                >
                  New…
                  <span class="visually-hidden"> deploy token</span>
                </a>
              }
            />
            <Row
              title="Revoke"
              meta="Refused for good."
              end={
                <a
                  class="button danger sm"
                  href={addressOf('revoke', { project: project.path, id: token.id })}
                >
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

export function reachOf({ scopes }: Pick<DeployToken, 'scopes'>): string {
  const parts = [
    ...(scopes.includes('read_registry') ? ['all images'] : []),
    ...(scopes.includes('read_repository') ? ['the git repository'] : []),
  ];
  return `${parts.join(' and ')} of this project, from anywhere`;
}
