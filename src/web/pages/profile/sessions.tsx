import type { JSX } from 'preact';
import type { Session } from '../../../access/session.js';
import { clientName } from '../../deploy-token-parts.js';
import { countText, Pages } from '../../paging.js';
import { Ask, AskFirst, AskPage, type KeepIt } from '../../parts/ask.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Row, Rows } from '../../parts/rows.js';
import { Ago } from '../../parts/time.js';
import type { SignedInVisit } from '../../visit.js';
import { PROFILE_ADDRESS, SESSIONS_AFTER, TOKENS_AFTER } from './address.js';
import type { ProfileProps } from './view.js';

export function Sessions({ visit, sessions, now }: ProfileProps): JSX.Element {
  return (
    <Card
      id="sessions-title"
      title={`Where you are signed in (${countText(sessions)})`}
      actions={
        <AskFirst
          id="end-all-sessions"
          href={`${PROFILE_ADDRESS}?session=all`}
          label="Sign out everywhere…"
          question={(id) => <EndAll visit={visit} id={id} keepIt="closes-dialog" />}
        />
      }
    >
      <Rows>
        {sessions.items.map((session) => (
          <Row
            key={session.id}
            icon="monitor"
            title={
              <>
                <bdi title={session.client}>{browserName(session.client)}</bdi>{' '}
                {session.id === visit.session.id && (
                  <Chip kind="good" icon="circle-check">
                    this one
                  </Chip>
                )}
              </>
            }
            meta={
              <>
                <bdi>{session.address}</bdi> · last seen{' '}
                <Ago instant={session.lastSeenAt} now={now} />
              </>
            }
            end={
              session.id !== visit.session.id && (
                <AskFirst
                  id={`end-session-${session.id}`}
                  href={`${PROFILE_ADDRESS}?session=${session.id}`}
                  class="button sm"
                  label={
                    <>
                      Sign out…<span class="visually-hidden"> session {session.id}</span>
                    </>
                  }
                  question={(id) => (
                    <EndOne visit={visit} session={session} id={id} keepIt="closes-dialog" />
                  )}
                />
              )
            }
          />
        ))}
      </Rows>
      <CardFoot>
        <Pages
          visit={visit}
          of="sessions"
          next={sessions.next}
          field={SESSIONS_AFTER}
          keeps={[TOKENS_AFTER]}
          anchor="sessions-title"
        />
      </CardFoot>
    </Card>
  );
}

/** Null for all of them. */
export function EndSessionPage(props: {
  readonly visit: SignedInVisit;
  readonly session: Session | null;
}): JSX.Element {
  const { visit, session } = props;
  const keepIt = { href: PROFILE_ADDRESS };
  return (
    <AskPage
      question={(id) =>
        session === null ? (
          <EndAll visit={visit} id={id} keepIt={keepIt} />
        ) : (
          <EndOne visit={visit} session={session} id={id} keepIt={keepIt} />
        )
      }
    />
  );
}

interface EndProps {
  readonly visit: SignedInVisit;
  readonly id: string;
  readonly keepIt: KeepIt;
}

function EndOne(props: EndProps & { readonly session: Session }): JSX.Element {
  const { visit, session, id, keepIt } = props;
  return (
    <Ask
      id={id}
      title={
        <>
          Sign out <bdi>{browserName(session.client)}</bdi>?
        </>
      }
      action={PROFILE_ADDRESS}
      csrf={visit.csrf}
      keepIt={keepIt}
      doIt={
        <>
          <input type="hidden" name="id" value={String(session.id)} />
          <button type="submit" class="button solid" name="do" value="end-session">
            Sign it out
          </button>
        </>
      }
    >
      It was signed in from <bdi>{session.address}</bdi>. Its next request leads to the sign-in
      page. Personal access tokens go on working.
    </Ask>
  );
}

function EndAll({ visit, id, keepIt }: EndProps): JSX.Element {
  return (
    <Ask
      id={id}
      title="Sign out everywhere?"
      action={PROFILE_ADDRESS}
      csrf={visit.csrf}
      keepIt={keepIt}
      keepLabel="Stay signed in"
      doIt={
        <button type="submit" class="button solid" name="do" value="end-all-sessions">
          Sign out everywhere
        </button>
      }
    >
      Every browser is signed out, this one too. Personal access tokens go on working. If somebody
      else may know your password, change it as well.
    </Ask>
  );
}

/** The names that browsers give themselves, in the order in which the first one is the true one. */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bFirefox\/(\d+)/, 'Firefox'],
  [/\b(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+).*Safari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const;

/** `Firefox 140 on Linux`; what else it says of itself is in the title. */
export function browserName(userAgent: string): string {
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  for (const [pattern, name] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) {
      return `${name} ${version}${system === undefined ? '' : ` on ${system}`}`;
    }
  }
  return clientName(userAgent);
}
