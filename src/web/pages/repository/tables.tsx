import type { JSX } from 'preact';
import type { ListedDeployToken } from '../../../services/deploy-token-overview.js';
import { RevokeQuestion } from '../../deploy-token-parts.js';
import { revokeAddress, tokenAddress } from '../../owner.js';
import { AskFirst } from '../../parts/ask.js';
import {
  ActionCell,
  ACTIONS,
  Cell,
  Grid,
  GridRow,
  SparkCell,
  type Column,
} from '../../parts/grid.js';
import { expiryLines } from '../../parts/time.js';
import { Spark } from '../../parts/usage.js';
import { isSoon } from '../../time.js';
import { TokenEnd, TokenName, TokenUse } from '../../token-cells.js';
import type { SectionProps } from './section.js';

const TOKEN: Column = { name: 'Deploy token' };
const EXPIRES: Column = { name: 'Expires', width: 'expires' };
const ENDED: Column = { name: 'Ended', width: 'expires' };
const USED: Column = { name: 'Last used', width: 'used' };
const REFUSED: Column = { name: 'Last refused', width: 'used' };

type TableProps = Pick<SectionProps, 'visit' | 'owner' | 'tokens' | 'names' | 'days' | 'now'>;

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
            <TokenName {...props} token={listed.token} />
            <Cell of="Expires" {...expiryLines(expiresAt, now)} />
            <TokenUse {...props} of="Last used" listed={listed} />
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
          <TokenName {...props} token={listed.token} />
          <TokenEnd {...props} token={listed.token} />
          <TokenUse {...props} of="Last refused" listed={listed} />
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
          <TokenName {...props} token={listed.token} />
          <TokenEnd {...props} token={listed.token} />
          <TokenUse {...props} of="Last used" listed={listed} />
          <ActionCell>
            <Open {...props} listed={listed} />
          </ActionCell>
        </GridRow>
      ))}
    </Grid>
  );
}

type RowProps = TableProps & { readonly listed: ListedDeployToken };

function Open({ owner, listed: { token } }: RowProps): JSX.Element {
  return (
    <a class="button sm" href={tokenAddress(owner, token.id)}>
      Open<span class="visually-hidden"> {token.name}</span>
    </a>
  );
}

function Revoke({ visit, owner, now, listed: { token, use } }: RowProps): JSX.Element {
  return (
    <AskFirst
      id={`revoke-${token.id}`}
      href={revokeAddress(owner, token.id)}
      label={
        <>
          Revoke<span class="visually-hidden"> {token.name}</span>
        </>
      }
      question={(id) => (
        <RevokeQuestion
          id={id}
          owner={owner}
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
