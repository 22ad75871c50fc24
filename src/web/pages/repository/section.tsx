import type { JSX } from 'preact';
import type { Cursor } from '../../../access/page.js';
import type { Place } from '../../../access/namespace.js';
import type {
  countDeployTokens,
  ListedDeployToken,
} from '../../../services/deploy-token-overview.js';
import { newTokenAddress, tokensAddress } from '../../owner.js';
import { Pages } from '../../paging.js';
import { CardFoot, CardHead } from '../../parts/card.js';
import { Icon } from '../../parts/icon.js';
import { Empty } from '../../parts/notice.js';
import { Filters, Search, Toolbar } from '../../parts/toolbar.js';
import type { DayUses } from '../../parts/usage.js';
import type { SignedInVisit } from '../../visit.js';
import { ActiveTokens, EndedTokens, RefusedTokens } from './tables.js';
import { viewAddress, type View } from './view.js';

/** Below this, a list is searched by looking at it. */
const SEARCHED_FROM = 10;

export interface SectionProps {
  readonly visit: SignedInVisit;
  readonly owner: Place;
  readonly view: View;
  /** Of all, and of those that the search finds. */
  readonly counts: Awaited<ReturnType<typeof countDeployTokens>>;
  readonly matching: Awaited<ReturnType<typeof countDeployTokens>>;
  readonly refused: readonly ListedDeployToken[];
  readonly tokens: readonly ListedDeployToken[];
  readonly next: Cursor | null;
  /** User id to username, of those who revoked them. */
  readonly names: ReadonlyMap<number, string>;
  /** Uses by day, by token id. */
  readonly days: ReadonlyMap<number, readonly DayUses[]>;
  readonly now: Date;
}

export function DeployTokenSection(props: SectionProps): JSX.Element {
  const { owner, counts } = props;
  return (
    <>
      <h2 class="visually-hidden">
        {owner.kind === 'project' ? 'Settings: Repository' : 'Settings: Deploy tokens'}
      </h2>
      <details class="section card" id="deploy-tokens" open>
        <summary>
          <div>
            <h2>Deploy Tokens</h2>
            <p>
              Read-only, for machines: images, git, or both.{' '}
              {owner.kind === 'namespace' &&
                `Each reaches every project below ${owner.path}, unless it says “only”. `}
              {counts.active === 0 ? 'None' : counts.active} active.
            </p>
          </div>
          <span class="button sm expander" aria-hidden="true" />
        </summary>
        {counts.any > 0 && <Tools {...props} />}
        {props.refused.length > 0 && <Refused {...props} />}
        <TokenList {...props} />
        <Foot {...props} />
      </details>
    </>
  );
}

function Tools({ owner, view, counts }: SectionProps): JSX.Element {
  const here = tokensAddress(owner);
  const attention = counts.refused + counts.expiring;
  const offered = [
    { filter: 'all', label: 'All', count: null },
    { filter: 'attention', label: 'Needs attention', count: attention },
    { filter: 'unused', label: 'Unused for 90 days', count: counts.unused },
  ] as const;
  return (
    <Toolbar>
      {(counts.any > SEARCHED_FROM || view.text !== '') && (
        <Search
          id="find-token"
          action={here}
          label={`Find a deploy token of this ${owner.kind}`}
          placeholder="Find by name, username or address"
          value={view.text}
          keeps={view.filter === 'all' ? [] : [['show', view.filter]]}
        />
      )}
      {view.filter !== 'inactive' && attention + counts.unused > 0 && (
        <Filters
          label="Filters"
          filters={offered
            .filter(({ filter, count }) => count !== 0 || view.filter === filter)
            .map(({ filter, label, count }) => ({
              label,
              count,
              href: viewAddress(here, { filter, text: view.text }),
              isCurrent: view.filter === filter,
            }))}
        />
      )}
      <NewToken owner={owner} />
    </Toolbar>
  );
}

function NewToken({ owner }: Pick<SectionProps, 'owner'>): JSX.Element {
  return (
    <a class="button primary push" href={newTokenAddress(owner)}>
      <Icon name="plus" />
      New deploy token
    </a>
  );
}

function Refused(props: SectionProps): JSX.Element {
  const { matching } = props;
  return (
    <section aria-labelledby="refused-list">
      <CardHead
        level={3}
        id="refused-list"
        title={`Refused, and still tried (${matching.refused})`}
        note="Not active any more; something still signs in with them."
      />
      <RefusedTokens {...props} tokens={props.refused} />
    </section>
  );
}

function TokenList(props: SectionProps): JSX.Element {
  const { view, tokens } = props;
  const isInactive = view.filter === 'inactive';
  return (
    <section aria-labelledby="token-list">
      <CardHead
        level={3}
        id="token-list"
        title={titleOf(props)}
        {...(tokens.length > 1 &&
          !isInactive && { note: 'What expires soon first, then by last use.' })}
      />
      {tokens.length === 0 && <NoTokens {...props} />}
      {tokens.length > 0 && !isInactive && <ActiveTokens {...props} />}
      {tokens.length > 0 && isInactive && <EndedTokens {...props} />}
    </section>
  );
}

function titleOf({ view, counts, matching }: SectionProps): string {
  const isInactive = view.filter === 'inactive';
  const all = isInactive ? counts.ended : counts.active;
  const shown = {
    all: matching.active,
    attention: matching.expiring,
    unused: matching.unused,
    inactive: matching.ended,
  };
  const number = shown[view.filter];
  const name = isInactive ? 'Expired and revoked Deploy Tokens' : 'Active Deploy Tokens';
  return `${name} (${number === all ? all : `${number} of ${all}`})`;
}

function NoTokens(props: SectionProps): JSX.Element {
  const { view, owner, counts } = props;
  const here = tokensAddress(owner);
  if (view.text !== '' || view.filter === 'attention' || view.filter === 'unused') {
    return (
      <Empty
        icon="search"
        title={
          view.text === ''
            ? 'No deploy token is like that'
            : `No deploy token matches “${view.text}”`
        }
        actions={
          <a class="button" href={here}>
            Clear search and filters
          </a>
        }
      >
        The search looks at names, usernames and the address of the last use.
      </Empty>
    );
  }
  if (view.filter === 'inactive') {
    return (
      <Empty icon="key-round" title="None has expired or been revoked">
        They stay on record here, with who ended them and when.
      </Empty>
    );
  }
  return (
    <Empty
      icon="key-round"
      kind="good"
      title={`No machine reads this ${owner.kind} yet`}
      {...(counts.any === 0 && { actions: <NewToken owner={owner} /> })}
    >
      This {owner.kind} has no active Deploy Tokens. Give each cluster, runner or server its own, so
      that you can revoke one and leave the others alone.
    </Empty>
  );
}

function Foot({ visit, owner, view, counts, next }: SectionProps): JSX.Element | null {
  const here = tokensAddress(owner);
  const isInactive = view.filter === 'inactive';
  if (!isInactive && counts.ended === 0 && next === null) {
    return null;
  }
  return (
    <CardFoot>
      {isInactive ? (
        <a href={here}>Show the active ones</a>
      ) : (
        counts.ended > 0 && (
          <a href={`${viewAddress(here, { filter: 'inactive', text: '' })}#token-list`}>
            Show expired and revoked ones ({counts.ended})
          </a>
        )
      )}
      <Pages
        visit={visit}
        of="deploy tokens"
        next={next}
        keeps={['show', 'q']}
        anchor="token-list"
      />
    </CardFoot>
  );
}
