import type { JSX } from 'preact';
import type { Cursor } from '../../../access/page.js';
import type {
  countDeployTokens,
  ListedDeployToken,
  TokenSelection,
} from '../../../services/deploy-token-overview.js';
import { ADDRESSES } from '../../addresses.js';
import { newTokenAddress, tokenAddress, tokensAddress } from '../../owner.js';
import { Pages } from '../../paging.js';
import { Card, CardFoot } from '../../parts/card.js';
import { ActionCell, ACTIONS, Cell, Grid, GridRow, type Column } from '../../parts/grid.js';
import { Icon } from '../../parts/icon.js';
import { Empty } from '../../parts/notice.js';
import { expiryLines } from '../../parts/time.js';
import { Filters, Search, Toolbar } from '../../parts/toolbar.js';
import { PlacePath } from '../../place-frame.js';
import { isSoon } from '../../time.js';
import { TokenEnd, TokenName, TokenUse } from '../../token-cells.js';
import type { SignedInVisit } from '../../visit.js';

export interface InventoryView {
  readonly filter: 'all' | 'expiring' | 'lasting' | 'unused' | 'refused' | 'instance' | 'inactive';
  readonly need: TokenSelection['need'];
  readonly text: string;
}

type Counts = Awaited<ReturnType<typeof countDeployTokens>>;

interface InventoryProps {
  readonly visit: SignedInVisit;
  readonly view: InventoryView;
  /** Of all, of the instance's own, and of those that the search finds. */
  readonly counts: Counts;
  readonly ofInstance: Counts;
  readonly matching: Counts;
  readonly tokens: readonly ListedDeployToken[];
  /** User id to username, of those who revoked them. */
  readonly names: ReadonlyMap<number, string>;
  readonly next: Cursor | null;
  readonly now: Date;
}

const HERE = ADDRESSES['all-deploy-tokens'].path;

export function Inventory(props: InventoryProps): JSX.Element {
  const { visit, view, counts, matching, tokens, next } = props;
  return (
    <Card
      id="deploy-tokens"
      title="Deploy tokens"
      count={`${counts.active} active`}
      note="Of every project, every namespace and the instance."
      actions={
        <a class="button primary" href={newTokenAddress({ kind: 'instance' })}>
          <Icon name="plus" />
          New instance token
        </a>
      }
    >
      {counts.any > 0 && <Tools {...props} />}
      {tokens.length === 0 ? <NoTokens {...props} /> : <TokenTable {...props} />}
      {tokens.length > 0 && (
        <CardFoot>
          <span>
            {tokens.length} of {matching[view.need]}
          </span>
          <a class="button sm" href={addressOfView(view, ADDRESSES['all-deploy-tokens-csv'].path)}>
            Download as CSV
          </a>
          <Pages
            visit={visit}
            of="deploy tokens"
            next={next}
            keeps={['show', 'q']}
            anchor="deploy-tokens"
          />
        </CardFoot>
      )}
    </Card>
  );
}

function Tools({ view, counts, ofInstance }: InventoryProps): JSX.Element {
  const offered = [
    { filter: 'all', label: 'Active', count: counts.active },
    { filter: 'expiring', label: 'Expires in 14 days', count: counts.expiring },
    { filter: 'lasting', label: 'Never expires', count: counts.lasting },
    { filter: 'unused', label: 'Unused for 90 days', count: counts.unused },
    { filter: 'refused', label: 'Refused, still tried', count: counts.refused },
    { filter: 'instance', label: 'Of the instance', count: ofInstance.active },
    { filter: 'inactive', label: 'Expired and revoked', count: counts.ended },
  ] as const;
  return (
    <Toolbar>
      <Search
        id="find-token"
        action={HERE}
        label="Find a deploy token"
        placeholder="Find by name, username or address"
        value={view.text}
        keeps={view.filter === 'all' ? [] : [['show', view.filter]]}
      />
      <Filters
        label="Filters"
        filters={offered.map(({ filter, label, count }) => ({
          label,
          count,
          href: addressOfView({ filter, text: view.text }),
          isCurrent: view.filter === filter,
        }))}
      />
    </Toolbar>
  );
}

function addressOfView(
  { filter, text }: Pick<InventoryView, 'filter' | 'text'>,
  path: string = HERE,
): string {
  const query = new URLSearchParams({
    ...(filter !== 'all' && { show: filter }),
    ...(text !== '' && { q: text }),
  });
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

const TOKEN: Column = { name: 'Deploy token' };
const OWNER: Column = { name: 'Owner', width: 'owner' };
const EXPIRES: Column = { name: 'Expires', width: 'expires' };
const ENDED: Column = { name: 'Ended', width: 'expires' };
const USED: Column = { name: 'Last used', width: 'used' };

function TokenTable(props: InventoryProps): JSX.Element {
  const { view, tokens, now } = props;
  const hasEnded = view.need === 'ended' || view.need === 'refused';
  return (
    <Grid
      caption="Deploy tokens"
      columns={[TOKEN, OWNER, hasEnded ? ENDED : EXPIRES, USED, ACTIONS]}
    >
      {tokens.map((listed) => (
        <GridRow key={listed.token.id} mark={markOf(view, listed, now)}>
          <TokenName owner={listed.owner} token={listed.token} now={now} />
          <OwnerCell {...listed} />
          {hasEnded ? (
            <TokenEnd {...props} token={listed.token} />
          ) : (
            <Cell of="Expires" {...expiryLines(listed.token.expiresAt, now)} />
          )}
          <TokenUse of="Last used" listed={listed} now={now} />
          <ActionCell>
            <a class="button sm" href={tokenAddress(listed.owner, listed.token.id)}>
              Open<span class="visually-hidden"> {listed.token.name}</span>
            </a>
          </ActionCell>
        </GridRow>
      ))}
    </Grid>
  );
}

function markOf(
  { need }: InventoryView,
  { token: { expiresAt } }: ListedDeployToken,
  now: Date,
): 'bad' | 'warn' | undefined {
  if (need === 'refused') {
    return 'bad';
  }
  return need !== 'ended' && expiresAt !== null && isSoon(expiresAt, now) ? 'warn' : undefined;
}

function OwnerCell({ owner }: Pick<ListedDeployToken, 'owner'>): JSX.Element {
  return owner.kind === 'instance' ? (
    <Cell of="Owner" first="the instance" />
  ) : (
    <Cell
      of="Owner"
      first={
        <a href={tokensAddress(owner)}>
          <PlacePath path={owner.path} />
        </a>
      }
      second={owner.kind}
    />
  );
}

function NoTokens({ view, counts }: InventoryProps): JSX.Element {
  if (counts.any === 0) {
    return (
      <Empty icon="key-round" title="No deploy token yet">
        Maintainers make them in their projects and namespaces. One of the instance reaches every
        project.
      </Empty>
    );
  }
  return (
    <Empty
      icon="search"
      title={
        view.text === '' ? 'No deploy token is like that' : `No deploy token matches “${view.text}”`
      }
      actions={
        <a class="button" href={HERE}>
          Clear search and filters
        </a>
      }
    >
      The search looks at names, usernames and the address of the last use.
    </Empty>
  );
}
