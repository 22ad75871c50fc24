/** What administrators do to an account: each is asked before, by name, with what happens then. */

import type { JSX } from 'preact';
import type { User } from '../../../access/user.js';
import { MOST_NAMED, type AccountEnd } from '../../../services/account-end.js';
import { ADDRESSES } from '../../addresses.js';
import { Ask, AskPage, type KeepIt } from '../../parts/ask.js';
import { Notice } from '../../parts/notice.js';
import type { SignedInVisit } from '../../visit.js';

/** As the address asks for them, and as the form does them. */
export const ACTIONS = ['block', 'promote', 'demote', 'password', 'remove'] as const;
export type AccountAction = (typeof ACTIONS)[number];

const HERE = ADDRESSES.users.path;

/** `…` stands for the username. */
const WORDS: Readonly<
  Record<
    AccountAction,
    {
      readonly title: string;
      readonly button: string;
      readonly effect: string;
      readonly takesAway: boolean;
    }
  >
> = {
  block: {
    title: 'Block …?',
    button: 'Block …',
    takesAway: true,
    effect:
      '… is signed out everywhere, and the password and personal access tokens are refused from the ' +
      'next request on. Deploy tokens go on working. You can unblock … at any time.',
  },
  promote: {
    title: 'Make … an administrator?',
    button: 'Promote …',
    takesAway: false,
    effect:
      '… will see and change every project, namespace, deploy token and account, with personal ' +
      'access tokens too. You can take that back at any time.',
  },
  demote: {
    title: 'Take the rights of an administrator from …?',
    button: 'Demote …',
    takesAway: true,
    effect:
      '… keeps the account and the roles in projects and namespaces, and loses everything else from ' +
      'the next request on.',
  },
  password: {
    title: 'Give … a new password?',
    button: 'Give a new password',
    takesAway: false,
    effect:
      'Pullgate makes a password and shows it to you once. The old one is refused at once, and … is ' +
      'signed out everywhere. Personal access tokens go on working.',
  },
  remove: {
    title: 'Remove the account …?',
    button: 'Remove …',
    takesAway: true,
    effect:
      '… is signed out everywhere, and loses the password, all personal access tokens and all roles ' +
      'for good. What … did stays on record under that name.',
  },
};

export function titleOf(action: AccountAction, { username }: User): string {
  return WORDS[action].title.replaceAll('…', username);
}

/** The page that asks. */
export function askAddress(action: AccountAction, { username }: User): string {
  return `${HERE}?${new URLSearchParams({ [action]: username }).toString()}`;
}

interface QuestionProps {
  readonly visit: SignedInVisit;
  readonly user: User;
  readonly action: AccountAction;
  /** For what is shown once. */
  readonly nonce?: string;
  /** What removing takes along. */
  readonly end?: AccountEnd;
}

export function QuestionPage(props: QuestionProps): JSX.Element {
  return <AskPage question={(id) => <Question {...props} id={id} keepIt={{ href: HERE }} />} />;
}

export function Question(
  props: QuestionProps & { readonly id: string; readonly keepIt: KeepIt },
): JSX.Element {
  const { visit, user, action, nonce, end, id, keepIt } = props;
  const { button, effect, takesAway } = WORDS[action];
  return (
    <Ask
      id={id}
      title={titleOf(action, user)}
      action={HERE}
      csrf={visit.csrf}
      keepIt={keepIt}
      {...(!takesAway && { keepLabel: 'Cancel' })}
      {...(end !== undefined && { use: <What end={end} user={user} /> })}
      {...(action === 'remove' && user.blockedAt === null && { instead: <BlockInstead /> })}
      doIt={
        <>
          <input type="hidden" name="username" value={user.username} />
          {nonce !== undefined && <input type="hidden" name="nonce" value={nonce} />}
          <button
            type="submit"
            class={takesAway ? 'button solid' : 'button primary'}
            name="do"
            value={action}
          >
            {button.replaceAll('…', user.username)}
          </button>
        </>
      }
    >
      {effect.replaceAll('…', user.username)}
    </Ask>
  );
}

/** Takes the username of the form. */
function BlockInstead(): JSX.Element {
  return (
    <button type="submit" class="button" name="do" value="block">
      Block instead
    </button>
  );
}

/** With numbers, so that nobody is surprised afterwards. */
function What({ end, user }: { readonly end: AccountEnd; readonly user: User }): JSX.Element {
  const { username } = user;
  const lines = [
    `${counted(end.accessTokens, 'personal access token')} and ${counted(end.memberships, 'role')} end.`,
    end.deployTokens > 0 &&
      `${counted(end.deployTokens, 'deploy token')} that ${username} made, and may know, go on working.`,
    end.projects > 0 &&
      `${counted(end.projects, 'project')} below ${username} and that namespace pass to the administrators; its other members lose their roles in it.`,
    end.unmanaged.length > 0 &&
      `Only administrators will manage ${end.unmanaged.join(', ')}${end.unmanaged.length < MOST_NAMED ? '' : ' and perhaps more'}.`,
    end.keepsName
      ? `Nobody else can have the username ${username}.`
      : `Nothing is on record of ${username}: the username is free again.`,
  ];
  return (
    <Notice kind={end.unmanaged.length > 0 || end.deployTokens > 0 ? 'warn' : 'info'} standing>
      {lines.filter((line) => line !== false).join(' ')}
    </Notice>
  );
}

function counted(number: number, what: string): string {
  return `${number === 0 ? 'No' : number} ${what}${number === 1 ? '' : 's'}`;
}
