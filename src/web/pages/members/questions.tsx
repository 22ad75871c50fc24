/** Before somebody loses a role, or some of it. */

import type { JSX } from 'preact';
import type { Place } from '../../../access/namespace.js';
import type { Member, Role } from '../../../access/role.js';
import type { User } from '../../../access/user.js';
import { addressOf } from '../../addresses.js';
import { Ask, AskPage, type KeepIt } from '../../parts/ask.js';
import type { SignedInVisit } from '../../visit.js';

export interface MemberProps {
  readonly visit: SignedInVisit;
  readonly place: Place;
  readonly member: Member;
}

export function RemovalPage(props: MemberProps): JSX.Element {
  const keepIt = { href: addressOf('members', { place: props.place.path }) };
  return <AskPage question={(id) => <Removal {...props} id={id} keepIt={keepIt} />} />;
}

export function Removal(
  props: MemberProps & { readonly id: string; readonly keepIt: KeepIt },
): JSX.Element {
  const { visit, place, member, id, keepIt } = props;
  const { username } = member.user;
  return (
    <Ask
      id={id}
      title={`Remove ${username} from ${place.path}?`}
      action={addressOf('members', { place: place.path })}
      csrf={visit.csrf}
      keepIt={keepIt}
      doIt={
        <>
          <input type="hidden" name="username" value={username} />
          <button type="submit" class="button solid" name="do" value="remove">
            Remove {username}
          </button>
        </>
      }
    >
      {username} is {member.role} now, and loses that role at once. Deploy tokens that {username}{' '}
      made stay. You can add {username} again at any time.
    </Ask>
  );
}

/** What somebody may do who has no more than this role. */
const LEFT: Readonly<Record<Role, string>> = {
  guest: 'A guest sees that it is there, and neither pulls nor clones.',
  reporter: 'A reporter pulls and clones, and does not push.',
  developer: 'A developer pulls and pushes, and manages nothing.',
  maintainer: 'A maintainer may do the same as an owner.',
  owner: 'An owner may do everything.',
};

/** The answer to a form that gives a role to some who have a higher one. */
export function LowerRolePage(props: {
  readonly visit: SignedInVisit;
  readonly place: Place;
  /** All whom the form names. */
  readonly users: readonly User[];
  readonly losing: readonly Member[];
  readonly role: Role;
}): JSX.Element {
  const { visit, place, users, losing, role } = props;
  const here = addressOf('members', { place: place.path });
  const names = losing.map(({ user }) => user.username).join(', ');
  return (
    <AskPage
      question={(id) => (
        <Ask
          id={id}
          title={`Lower ${names} to ${role} in ${place.path}?`}
          action={here}
          csrf={visit.csrf}
          keepIt={{ href: here }}
          keepLabel="Change nothing"
          doIt={
            <>
              <input
                type="hidden"
                name="username"
                value={users.map(({ username }) => username).join(', ')}
              />
              <input type="hidden" name="role" value={role} />
              <input type="hidden" name="sure" value="yes" />
              <button type="submit" class="button solid" name="do" value="set">
                Lower to {role}
              </button>
            </>
          }
        >
          {losing.map(({ user, role: before }) => `${user.username} is ${before} now.`).join(' ')}{' '}
          {LEFT[role]} That holds from the next request on. A higher role in a namespace above
          stays.
        </Ask>
      )}
    />
  );
}
