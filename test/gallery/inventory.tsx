import type { JSX } from 'preact';
import { Bulk } from '../../src/web/parts/bulk.js';
import { CardFoot } from '../../src/web/parts/card.js';
import { Chip } from '../../src/web/parts/chip.js';
import {
  ActionCell,
  ACTIONS,
  Cell,
  Grid,
  GridRow,
  MainCell,
  PickCell,
  SparkCell,
  type Column,
} from '../../src/web/parts/grid.js';
import { Icon, type IconName } from '../../src/web/parts/icon.js';
import { Ago, expiryLines } from '../../src/web/parts/time.js';
import { Filters, Search, Toolbar } from '../../src/web/parts/toolbar.js';
import { Spark } from '../../src/web/parts/usage.js';
import { inDays, lastDays, minutesAgo, NOW } from './made-up.js';

const COLUMNS: readonly Column[] = [
  { name: 'Select', width: 'pick' },
  { name: 'Deploy token' },
  { name: 'Owner', width: 'owner' },
  { name: 'Expires', width: 'expires' },
  { name: 'Last used', width: 'used' },
  { name: '30 days', width: 'spark' },
  ACTIONS,
];

interface MadeUp {
  readonly name: string;
  readonly username: string;
  readonly icon: IconName;
  readonly chip: JSX.Element | null;
  readonly mark?: 'bad' | 'warn' | 'info';
  readonly owner: string;
  readonly expiresAt: Date | null;
  readonly usedMinutesAgo: number;
  readonly busy: number;
  readonly refusedDays?: number;
  readonly isPicked?: boolean;
  readonly isFromAbove?: boolean;
}

const TOKENS: readonly MadeUp[] = [
  {
    name: 'old cluster',
    username: 'deploy-token-4',
    icon: 'key-round',
    chip: (
      <Chip kind="bad" icon="circle-x">
        expired
      </Chip>
    ),
    mark: 'bad',
    owner: 'platform/web',
    expiresAt: inDays(-7),
    usedMinutesAgo: 3,
    busy: 12,
    refusedDays: 7,
    isPicked: true,
  },
  {
    name: 'build farm',
    username: 'deploy-token-16',
    icon: 'key-round',
    chip: (
      <Chip kind="info" icon="circle-pause">
        suspended
      </Chip>
    ),
    mark: 'info',
    owner: 'tanuki',
    expiresAt: inDays(200),
    usedMinutesAgo: 44,
    busy: 20,
    refusedDays: 1,
    isPicked: true,
  },
  {
    name: 'cluster eu-west',
    username: 'deploy-token-21',
    icon: 'key-round',
    chip: (
      <Chip kind="info" icon="rotate-cw">
        2 secrets
      </Chip>
    ),
    mark: 'warn',
    owner: 'tanuki/awesome_project',
    expiresAt: inDays(214),
    usedMinutesAgo: 1,
    busy: 30,
  },
  {
    name: 'release workflow',
    username: 'gha-release',
    icon: 'fingerprint-pattern',
    chip: <Chip icon="workflow">GitHub Actions</Chip>,
    owner: 'tanuki/awesome_project',
    expiresAt: null,
    usedMinutesAgo: 24,
    busy: 5,
  },
  {
    name: 'tanuki cluster',
    username: 'deploy-token-7',
    icon: 'key-round',
    chip: <Chip icon="folder-tree">from tanuki</Chip>,
    owner: 'tanuki',
    expiresAt: inDays(246),
    usedMinutesAgo: 33,
    busy: 18,
    isFromAbove: true,
  },
];

/** Deploy tokens of every kind, with several selected. */
export function Inventory(): JSX.Element {
  return (
    <section class="card pickable" aria-labelledby="inventory">
      <div class="card-head">
        <h2 id="inventory">
          Deploy tokens <span class="count">1 284 active</span>
        </h2>
        <p>Of every project, every namespace and the instance.</p>
        <div class="push actions">
          <a class="button sm" href="#csv">
            <Icon name="download" />
            CSV
          </a>
          <a class="button primary sm" href="#new">
            <Icon name="plus" />
            New instance token
          </a>
        </div>
      </div>
      <Toolbar>
        <Search
          id="find-anything"
          action="#"
          label="Find a deploy token"
          placeholder="Name, username, owner or address"
          value="cluster"
        />
        <Filters
          label="Filters"
          filters={[
            { label: 'Expires in 14 days', href: '#1', isCurrent: false, count: 9 },
            { label: 'Unused for 90 days', href: '#2', isCurrent: true, count: 61 },
            { label: 'Breaks a rule', href: '#3', isCurrent: false, count: 12 },
            { label: 'Refused, still tried', href: '#4', isCurrent: false, count: 7 },
            { label: 'Federated', href: '#5', isCurrent: false, count: 88 },
          ]}
        />
      </Toolbar>
      <form method="get" action="#">
        <Grid caption="Deploy tokens" columns={COLUMNS}>
          {TOKENS.map((token) => (
            <TokenRow key={token.name} {...token} />
          ))}
        </Grid>
        <Bulk
          label="With the selected deploy tokens"
          note="You confirm on the next page, which lists them with their last use."
        >
          <button type="submit" class="button sm">
            Suspend…
          </button>
          <button type="submit" class="button danger sm">
            Revoke…
          </button>
        </Bulk>
      </form>
      <CardFoot>
        <span>5 of 61 · “cluster”, unused for 90 days</span>
        <a href="#clear">Clear filters</a>
      </CardFoot>
    </section>
  );
}

function TokenRow(token: MadeUp): JSX.Element {
  return (
    <GridRow mark={token.mark}>
      <PickCell
        name="id"
        value={token.username}
        label={`Select ${token.name}`}
        checked={token.isPicked === true}
      />
      <MainCell
        icon={token.icon}
        title={
          <>
            <a href="#token">{token.name}</a> {token.chip}
          </>
        }
        sub={
          <span class="scopes">
            <code>{token.username}</code>
            <span>
              <Icon name="container" />
              read_registry
            </span>
            <span>only api, worker</span>
          </span>
        }
      />
      <Cell of="Owner" first={<a href="#owner">{token.owner}</a>} />
      <Cell of="Expires" {...expiryLines(token.expiresAt, NOW)} />
      <Cell
        of="Last used"
        first={<Ago instant={minutesAgo(token.usedMinutesAgo)} now={NOW} />}
        second="containerd 1.7.22 · 203.0.113.7"
      />
      <SparkCell>
        <Spark days={lastDays(token.busy, token.refusedDays)} length={30} />
      </SparkCell>
      <ActionCell>
        <a class={token.isFromAbove === true ? 'button sm' : 'button danger sm'} href="#act">
          {token.isFromAbove === true ? 'Open' : 'Revoke'}
          <span class="visually-hidden"> {token.name}</span>
        </a>
      </ActionCell>
    </GridRow>
  );
}
