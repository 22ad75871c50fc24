import type { JSX } from 'preact';
import { deployTokenStatus } from '../../../access/deploy-token.js';
import type { ListedDeployToken } from '../../../services/deploy-token-overview.js';
import { addressOf } from '../../addresses.js';
import {
  nameOfUser,
  RevokeQuestion,
  Scopes,
  StateChip,
  tokenAddress,
  UsedBy,
} from '../../deploy-token-parts.js';
import { AskFirst } from '../../parts/ask.js';
import {
  ActionCell,
  ACTIONS,
  Cell,
  Grid,
  GridRow,
  MainCell,
  SparkCell,
  type Column,
} from '../../parts/grid.js';
import { Ago, expiryLines } from '../../parts/time.js';
import { Spark } from '../../parts/usage.js';
import { isSoon, shortDay } from '../../time.js';
import type { SectionProps } from './section.js';

const TOKEN: Column = { name: 'Deploy token' };
const EXPIRES: Column = { name: 'Expires', width: 'expires' };
const ENDED: Column = { name: 'Ended', width: 'expires' };
const USED: Column = { name: 'Last used', width: 'used' };
const REFUSED: Column = { name: 'Last refused', width: 'used' };

type TableProps = Pick<SectionProps, 'visit' | 'project' | 'tokens' | 'names' | 'days' | 'now'>;

export const SPARK_DAYS = 30;
const SPARK: Column = { name: `${SPARK_DAYS} days`, width: 'spark' };

export function ActiveTokens(props: TableProps): JSX.Element {
  const { days, now } = props;
  return (
    <Grid caption="Active deploy tokens" columns={[TOKEN, EXPIRES, USED, SPARK, ACTIONS]}>
      {props.tokens.map((listed) => {
        const { expiresAt } = listed.token;
        const isUrgent = expiresAt !== null && isSoon(expiresAt, now);
        return (
          <GridRow key={listed.token.id} mark={isUrgent ? 'warn' : undefined}>
            <Name {...props} listed={listed} />
            <Cell of="Expires" {...expiryLines(expiresAt, now)} />
            <LastUsed {...props} of="Last used" listed={listed} />
            <SparkCell>
              <Spark days={days.get(listed.token.id) ?? []} length={SPARK_DAYS} />
            </SparkCell>
            <ActionCell>
              <Revoke {...props} listed={listed} />
            </ActionCell>
          </GridRow>
        );
      })}
    </Grid>
  );
}

/** Ended, and something still signs in with them: what was forgotten somewhere. */
export function RefusedTokens(props: TableProps): JSX.Element {
  return (
    <Grid
      caption="Deploy tokens that are refused and still tried"
      columns={[TOKEN, ENDED, REFUSED, ACTIONS]}
    >
      {props.tokens.map((listed) => (
        <GridRow key={listed.token.id} mark="bad">
          <Name {...props} listed={listed} />
          <Ended {...props} listed={listed} />
          <LastUsed {...props} of="Last refused" listed={listed} />
          <ActionCell>
            <Open {...props} listed={listed} />
          </ActionCell>
        </GridRow>
      ))}
    </Grid>
  );
}

export function EndedTokens(props: TableProps): JSX.Element {
  return (
    <Grid caption="Expired and revoked deploy tokens" columns={[TOKEN, ENDED, USED, ACTIONS]}>
      {props.tokens.map((listed) => (
        <GridRow key={listed.token.id}>
          <Name {...props} listed={listed} />
          <Ended {...props} listed={listed} />
          <LastUsed {...props} of="Last used" listed={listed} />
          <ActionCell>
            <Open {...props} listed={listed} />
          </ActionCell>
        </GridRow>
      ))}
    </Grid>
  );
}

type RowProps = TableProps & { readonly listed: ListedDeployToken };

function Name({ project, now, listed: { token } }: RowProps): JSX.Element {
  return (
    <MainCell
      icon="key-round"
      title={
        <>
          <a href={tokenAddress(project.path, token.id)}>
            <bdi>{token.name}</bdi>
          </a>{' '}
          <StateChip token={token} now={now} />
        </>
      }
      sub={
        <span class="scopes">
          <code>{token.username}</code>
          <Scopes scopes={token.scopes} />
        </span>
      }
    />
  );
}

function LastUsed(props: RowProps & { readonly of: string }): JSX.Element {
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

function Ended({ names, now, listed: { token } }: RowProps): JSX.Element {
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

function Open({ project, listed: { token } }: RowProps): JSX.Element {
  return (
    <a class="button sm" href={tokenAddress(project.path, token.id)}>
      Open<span class="visually-hidden"> {token.name}</span>
    </a>
  );
}

function Revoke({ visit, project, now, listed: { token, use } }: RowProps): JSX.Element {
  return (
    <AskFirst
      id={`revoke-${token.id}`}
      href={addressOf('revoke', { project: project.path, id: token.id })}
      label={
        <>
          Revoke<span class="visually-hidden"> {token.name}</span>
        </>
      }
      question={(id) => (
        <RevokeQuestion
          id={id}
          project={project}
          token={token}
          use={use}
          now={now}
          csrf={visit.csrf}
          keepIt="closes-dialog"
        />
      )}
    />
  );
}
