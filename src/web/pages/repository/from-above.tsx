import type { JSX } from 'preact';
import { INSTANCE, type DeployTokenUse } from '../../../access/deploy-token.js';
import type { Place } from '../../../access/namespace.js';
import { decideAt, decideInNamespace } from '../../../access/permissions.js';
import type { DeployTokenFromAbove } from '../../../services/deploy-tokens.js';
import { ownerText, tokenAddress, tokensAddress, type OwnerName } from '../../owner.js';
import { Card } from '../../parts/card.js';
import { ActionCell, ACTIONS, Cell, Grid, GridRow, type Column } from '../../parts/grid.js';
import { expiryLines } from '../../parts/time.js';
import { TokenName, TokenUse } from '../../token-cells.js';
import type { SignedInVisit } from '../../visit.js';

const COLUMNS: readonly Column[] = [
  { name: 'Deploy token' },
  { name: 'From', width: 'owner' },
  { name: 'Expires', width: 'expires' },
  { name: 'Last used', width: 'used' },
  ACTIONS,
];

export interface FromAboveProps {
  readonly visit: SignedInVisit;
  readonly place: Place;
  readonly tokens: readonly DeployTokenFromAbove[];
  /** Whether there are more. */
  readonly isCut: boolean;
  readonly uses: ReadonlyMap<number, DeployTokenUse>;
  readonly now: Date;
}

/** Deploy tokens of the namespaces above, and of the instance, that reach into the place. */
export function FromAbove(props: FromAboveProps): JSX.Element | null {
  const { visit, place, tokens, isCut, uses, now } = props;
  return tokens.length === 0 ? null : (
    <Card
      id="from-above"
      title={`From above (${tokens.length}${isCut ? '+' : ''})`}
      note={`They reach into ${place.path} too. Maintainers of their owner revoke them.${isCut ? ' There are more than are listed here.' : ''}`}
    >
      <Grid caption="Deploy tokens from above" columns={COLUMNS}>
        {tokens.map((token) => {
          const mayOpen = mayOpenAt(visit, token);
          return (
            <GridRow key={token.id}>
              <TokenName owner={token.owner} token={token} now={now} mayOpen={mayOpen} />
              <From owner={token.owner} mayOpen={mayOpen} />
              <Cell of="Expires" {...expiryLines(token.expiresAt, now)} />
              <TokenUse
                of="Last used"
                listed={{ token, use: uses.get(token.id) ?? null }}
                now={now}
              />
              <ActionCell>
                {mayOpen && (
                  <a class="button sm" href={tokenAddress(token.owner, token.id)}>
                    Open<span class="visually-hidden"> {token.name}</span>
                  </a>
                )}
              </ActionCell>
            </GridRow>
          );
        })}
      </Grid>
    </Card>
  );
}

function mayOpenAt({ actor }: SignedInVisit, { owner }: DeployTokenFromAbove): boolean {
  const refusal =
    owner.kind === 'namespace'
      ? decideInNamespace(actor, 'manage', owner.path)
      : decideAt(actor, 'manage', INSTANCE);
  return refusal === null;
}

function From(props: { readonly owner: OwnerName; readonly mayOpen: boolean }): JSX.Element {
  const { owner, mayOpen } = props;
  return (
    <Cell
      of="From"
      first={mayOpen ? <a href={tokensAddress(owner)}>{ownerText(owner)}</a> : ownerText(owner)}
    />
  );
}
