import type { JSX } from 'preact';
import {
  invitationStatus,
  type Invitation,
  type InvitationStatus,
  type InvitedRole,
} from '../../../access/invitation.js';
import type { Page } from '../../../access/page.js';
import { parseRole } from '../../../access/role.js';
import { INVITATION_DAYS } from '../../../services/invitations.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import type { Errors } from '../../form-errors.js';
import { Pages } from '../../paging.js';
import { Ask, AskFirst, AskPage, type KeepIt } from '../../parts/ask.js';
import { Card, CardBody, CardFoot, WithRail } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Field } from '../../parts/field.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import { Empty, Notice } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { Once } from '../../parts/take-along.js';
import { Ago } from '../../parts/time.js';
import { ROLE_OPTIONS } from '../../role-options.js';
import type { SignedInVisit } from '../../visit.js';

const HERE = ADDRESSES.invitations.path;

export interface InvitationsProps {
  readonly visit: SignedInVisit;
  readonly invitations: Page<Invitation>;
  /** User id to username. */
  readonly names: ReadonlyMap<number, string>;
  /** Null for a place that was removed. */
  readonly pathOf: (place: InvitedRole['place']) => string | null;
  readonly errors: Errors;
  readonly nonce: string;
  readonly now: Date;
}

export function Invitations(props: InvitationsProps): JSX.Element {
  const { visit, invitations } = props;
  return (
    <WithRail rail={<Invite {...props} />}>
      <Card
        id="invitations"
        title={`Invitations (${invitations.total})`}
        note={`A link works once, for ${INVITATION_DAYS} days.`}
      >
        {invitations.total === 0 ? (
          <Empty icon="users" title="No invitation yet">
            Whoever opens the link of an invitation chooses a password, so that nobody has to copy
            one.
          </Empty>
        ) : (
          <Rows>
            {invitations.items.map((invitation) => (
              <InvitationRow key={invitation.id} {...props} invitation={invitation} />
            ))}
          </Rows>
        )}
        <CardFoot>
          <Pages visit={visit} of="invitations" next={invitations.next} />
        </CardFoot>
      </Card>
    </WithRail>
  );
}

interface InvitationProps {
  readonly visit: SignedInVisit;
  readonly invitation: Invitation;
}

/** For whom it is. */
export function nameOf({ id, username }: Invitation): string {
  return username ?? `no. ${id}`;
}

function InvitationRow(props: InvitationsProps & InvitationProps): JSX.Element {
  const { invitation, names, now } = props;
  const { createdAt, createdBy } = invitation;
  const status = invitationStatus(invitation, now);
  return (
    <Row
      icon="user"
      title={
        <>
          <bdi>{nameOf(invitation)}</bdi>{' '}
          {status !== 'open' && <Chip icon={CHIP[status]}>{status}</Chip>}
        </>
      }
      meta={
        <>
          by <bdi>{nameBy(names, createdBy)}</bdi> <Ago instant={createdAt} now={now} /> ·{' '}
          <End {...props} />
          <Roles {...props} />
        </>
      }
      {...(status === 'open' && { end: <RevokeFirst {...props} /> })}
    />
  );
}

const CHIP = {
  used: 'circle-check',
  revoked: 'circle-x',
  expired: 'clock',
} as const satisfies Readonly<Record<Exclude<InvitationStatus, 'open'>, string>>;

function nameBy(names: ReadonlyMap<number, string>, id: number | null): string {
  return id === null ? 'the operator' : (names.get(id) ?? `user ${id}`);
}

function End({ invitation, names, now }: InvitationsProps & InvitationProps): JSX.Element {
  const { usedAt, usedBy, revokedAt, expiresAt } = invitation;
  if (usedAt !== null) {
    return (
      <>
        {usedBy === null ? 'used ' : `${nameBy(names, usedBy)} joined `}
        <Ago instant={usedAt} now={now} />
      </>
    );
  }
  return revokedAt === null ? (
    <>
      {now < expiresAt ? 'ends ' : 'ended '}
      <Ago instant={expiresAt} now={now} />
    </>
  ) : (
    <>
      revoked <Ago instant={revokedAt} now={now} />
    </>
  );
}

function Roles({ invitation, pathOf }: InvitationsProps & InvitationProps): JSX.Element | null {
  const roles = invitation.roles.map(
    ({ place, role }) => `${role} of ${pathOf(place) ?? `a removed ${place.kind}`}`,
  );
  return roles.length === 0 ? null : <> · {roles.join(', ')}</>;
}

function RevokeFirst(props: InvitationProps): JSX.Element {
  const { invitation } = props;
  return (
    <AskFirst
      id={`revoke-${invitation.id}`}
      href={`${HERE}?revoke=${invitation.id}`}
      label={
        <>
          Revoke…<span class="visually-hidden"> the invitation {nameOf(invitation)}</span>
        </>
      }
      question={(id) => (
        <Revocation visit={props.visit} invitation={invitation} id={id} keepIt="closes-dialog" />
      )}
    />
  );
}

export function RevocationPage(props: InvitationProps): JSX.Element {
  return <AskPage question={(id) => <Revocation {...props} id={id} keepIt={{ href: HERE }} />} />;
}

function Revocation(
  props: InvitationProps & { readonly id: string; readonly keepIt: KeepIt },
): JSX.Element {
  const { visit, invitation, id, keepIt } = props;
  const name = nameOf(invitation);
  return (
    <Ask
      id={id}
      title={`Revoke the invitation ${name}?`}
      action={HERE}
      csrf={visit.csrf}
      keepIt={keepIt}
      doIt={
        <>
          <input type="hidden" name="id" value={String(invitation.id)} />
          <button type="submit" class="button solid" name="do" value="revoke">
            Revoke {name}
          </button>
        </>
      }
    >
      Nobody has used its link yet, and nobody can from then on. You can invite{' '}
      {invitation.username ?? 'the same person'} again at any time.
    </Ask>
  );
}

function Invite({ visit, errors, nonce }: InvitationsProps): JSX.Element {
  const { form } = visit;
  return (
    <Card id="invite" title="Invite people" note="Pullgate shows each link once.">
      <CardBody>
        <FormErrors
          errors={errors}
          notDone="Nobody was invited."
          fields={[
            ['username', 'username', 'the usernames'],
            ['places', 'places', 'the namespaces and projects'],
            ['role', 'role', 'the role'],
          ]}
        />
        <PostForm action={HERE} csrf={visit.csrf} nonce={nonce}>
          <Field
            id="username"
            name="username"
            label="Usernames"
            hint="One link for each, separated by commas. Leave it empty for somebody who chooses a username."
            value={fieldText(form, 'username')}
            error={errors['username']}
          />
          <Field
            id="places"
            name="places"
            label="Namespaces and projects"
            hint="Of which they become members. Several are separated by commas."
            value={fieldText(form, 'places')}
            error={errors['places']}
          />
          <Field
            type="select"
            id="role"
            name="role"
            label="Role there"
            options={ROLE_OPTIONS}
            value={parseRole(fieldText(form, 'role')) ?? 'developer'}
            error={errors['role']}
          />
          <button type="submit" class="button primary" name="do" value="invite">
            Create invitation
          </button>
        </PostForm>
      </CardBody>
    </Card>
  );
}

export function NewLinks(props: {
  readonly links: readonly { readonly invitation: Invitation; readonly link: string }[];
}): JSX.Element {
  const { links } = props;
  return (
    <div class="col measure">
      <Card
        id="new"
        title={links.length === 1 ? 'The invitation is created' : 'The invitations are created'}
        kind="secret"
      >
        <Notice kind="warn" standing>
          <strong>Hand each link to its person now.</strong> This page shows them once. Whoever has
          a link can make the account.
        </Notice>
        <CardBody>
          {links.map(({ invitation, link }) => (
            <Once
              key={invitation.id}
              id={`link-${invitation.id}`}
              label={`Link for ${invitation.username ?? 'somebody who chooses a username'}`}
              value={link}
              isPrimary={links.length === 1}
            />
          ))}
        </CardBody>
      </Card>
      <div class="actions">
        <a class="button primary" href={HERE}>
          {links.length === 1 ? 'Done, I saved the link' : 'Done, I saved the links'}
        </a>
      </div>
    </div>
  );
}
