import type { JSX } from 'preact';
import {
  deployTokenStatus,
  type DeployToken,
  type DeployTokenUse,
} from '../../../access/deploy-token.js';
import { addressOf } from '../../addresses.js';
import { Badge, Cell, Empty, Expiry, PostForm, Table, When } from '../../components.js';
import { Pages } from '../../paging.js';
import type { SectionProps } from './list.js';

const ACTIVE_COLUMNS = ['Name', 'Username', 'Created', 'Expires', 'Scopes', 'Last used', 'Actions'];
const INACTIVE_COLUMNS = ['Name', 'Username', 'Created', 'Ended', 'Scopes', 'Last used'];

export function DeployTokenTable(props: SectionProps): JSX.Element {
  const { list, project, visit } = props;
  const here = addressOf('repository', { project: project.path });
  return (
    <section aria-labelledby="token-list">
      <div class="title-row">
        <h3 id="token-list">
          {list.showsInactive ? 'Expired and revoked Deploy Tokens' : 'Active Deploy Tokens'} (
          {list.showsInactive ? list.inactiveCount : list.activeCount})
        </h3>
        <Switch here={here} {...props} />
      </div>
      {list.tokens.total === 0 ? <NoTokens {...props} /> : <Tokens {...props} />}
      <Pages
        visit={visit}
        of="deploy tokens"
        next={list.tokens.next}
        keeps={['show']}
        anchor="token-list"
      />
    </section>
  );
}

function Switch({ here, list }: SectionProps & { readonly here: string }): JSX.Element | null {
  if (list.showsInactive) {
    return <a href={`${here}?show=active#token-list`}>Show the active ones</a>;
  }
  return list.inactiveCount === 0 ? null : (
    <a href={`${here}?show=inactive#token-list`}>
      Show expired and revoked ones ({list.inactiveCount})
    </a>
  );
}

function NoTokens({ list }: SectionProps): JSX.Element {
  return list.showsInactive ? (
    <Empty title="None has expired or been revoked.">
      <p>They stay on record here, with who ended them and when.</p>
    </Empty>
  ) : (
    <Empty title="This project has no active Deploy Tokens.">
      <p>Create one above. Give each machine its own, so that one can go without the others.</p>
    </Empty>
  );
}

function Tokens(props: SectionProps): JSX.Element {
  const { list } = props;
  return list.showsInactive ? (
    <Table caption="Expired and revoked deploy tokens" columns={INACTIVE_COLUMNS}>
      {list.tokens.items.map((token) => (
        <tr key={token.id}>
          <Facts {...props} token={token} />
          <Cell of="Ended">
            <Ended {...props} token={token} />
          </Cell>
          <Scopes token={token} />
          <LastUsed {...props} use={list.uses.get(token.id)} />
        </tr>
      ))}
    </Table>
  ) : (
    <Table caption="Active deploy tokens" columns={ACTIVE_COLUMNS}>
      {list.tokens.items.map((token) => (
        <tr key={token.id}>
          <Facts {...props} token={token} />
          <Cell of="Expires">
            <Expiry expiresAt={token.expiresAt} now={props.now} />
          </Cell>
          <Scopes token={token} />
          <LastUsed {...props} use={list.uses.get(token.id)} />
          <Cell of="Actions" class="row-actions">
            <Revoke {...props} token={token} />
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

type TokenProps = SectionProps & { readonly token: DeployToken };

function Facts({ token, list, now }: TokenProps): JSX.Element {
  return (
    <>
      <Cell of="Name" class="name">
        <bdi>{token.name}</bdi>
      </Cell>
      <Cell of="Username" class="username">
        <code>{token.username}</code>
      </Cell>
      <Cell of="Created">
        <When instant={token.createdAt} now={now} />
        <span class="by">by {nameOf(token.createdBy, list.names)}</span>
      </Cell>
    </>
  );
}

function Scopes({ token }: { readonly token: DeployToken }): JSX.Element {
  return (
    <Cell of="Scopes">
      <span class="badges">
        {token.scopes.map((scope) => (
          <Badge key={scope}>{scope}</Badge>
        ))}
      </span>
    </Cell>
  );
}

function LastUsed({
  use,
  now,
}: SectionProps & { readonly use: DeployTokenUse | undefined }): JSX.Element {
  return (
    <Cell of="Last used" class="last-used">
      {use === undefined ? (
        <span class="muted">Never</span>
      ) : (
        <>
          <When instant={use.usedAt} now={now} />
          <span class="by">
            {use.door === 'git' ? 'git' : 'registry'} from <bdi>{use.address}</bdi>
          </span>
          {use.repository !== null && (
            <span class="by">
              <bdi>{use.repository}</bdi>
            </span>
          )}
          {use.userAgent !== '' && (
            <span class="by" title={use.userAgent}>
              <bdi class="clipped">{use.userAgent}</bdi>
            </span>
          )}
        </>
      )}
    </Cell>
  );
}

function Ended({ token, list, now }: TokenProps): JSX.Element {
  if (deployTokenStatus(token, now) === 'expired') {
    return (
      <>
        <Badge kind="warn">expired</Badge> <Expiry expiresAt={token.expiresAt} now={now} />
      </>
    );
  }
  return (
    <>
      <Badge kind="bad">revoked</Badge>{' '}
      {token.revokedAt !== null && <When instant={token.revokedAt} now={now} />}
      <span class="by">by {nameOf(token.revokedBy, list.names)}</span>
    </>
  );
}

function nameOf(userId: number | null, names: ReadonlyMap<number, string>): string {
  return userId === null ? 'the operator' : (names.get(userId) ?? 'a former user');
}

/** A link to the page that asks once more; the same question in a dialog where there is a script. */
function Revoke({ token, project, visit }: TokenProps): JSX.Element {
  const dialog = `revoke-${token.id}`;
  return (
    <>
      <a
        class="button danger small"
        href={addressOf('revoke', { project: project.path, id: token.id })}
        data-dialog={dialog}
      >
        Revoke<span class="visually-hidden"> {token.name}</span>
      </a>
      <dialog id={dialog} aria-labelledby={`${dialog}-title`}>
        <RevokeQuestion
          token={token}
          titleId={`${dialog}-title`}
          action={addressOf('revoke', { project: project.path, id: token.id })}
          csrf={visit.csrf}
        >
          <button type="button" class="button" data-close>
            Cancel
          </button>
        </RevokeQuestion>
      </dialog>
    </>
  );
}

export function RevokeQuestion(props: {
  readonly token: DeployToken;
  readonly titleId: string;
  readonly action: string;
  readonly csrf: string;
  /** The way out. */
  readonly children: JSX.Element;
}): JSX.Element {
  const { token } = props;
  return (
    <>
      <h2 id={props.titleId}>
        Revoke <bdi>{token.name}</bdi>?
      </h2>
      <p>
        Whatever logs in as <code>{token.username}</code> with it is refused from the next request
        on. This cannot be undone.
      </p>
      <PostForm action={props.action} csrf={props.csrf} class="actions">
        <button type="submit" class="button danger solid">
          Revoke <bdi class="clipped">{token.name}</bdi>
        </button>
        {props.children}
      </PostForm>
    </>
  );
}
