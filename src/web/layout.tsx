import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { UserActor } from '../access/actor.js';
import { ADDRESSES } from './addresses.js';
import type { Assets } from './assets.js';
import { noticeIn } from './notices.js';
import { Icon, Mark } from './parts/icon.js';
import { Notice } from './parts/notice.js';
import { Search } from './parts/toolbar.js';
import type { PageAnswer, Visit } from './visit.js';

const RESTORED: Readonly<Record<NonNullable<Visit['restored']>, string>> = {
  'signed-in-again': 'You are signed in again. What you typed is below; nothing was sent yet.',
  'out-of-date':
    'This page was opened before you last signed in, so nothing was done. Check it, and send it again.',
};

export interface DocumentProps {
  readonly assets: Assets;
  /** `registry.host`, in the foot of every page. */
  readonly registryHost: string;
  readonly visit: Visit;
  readonly answer: PageAnswer;
}

/** A whole document. Everything that people wrote is escaped by the renderer. */
export function renderPage(props: DocumentProps): string {
  return `<!doctype html>${renderToString(<Document {...props} />)}`;
}

function Document({ assets, registryHost, visit, answer }: DocumentProps): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{answer.title} · Pullgate</title>
        <link rel="icon" href={assets.urlOf('icon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.urlOf('pullgate.css')} />
        <script src={assets.urlOf('pullgate.js')} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        {answer.frame !== 'gate' && <Bar visit={visit} />}
        <main
          id="main"
          tabIndex={-1}
          class={answer.frame === 'gate' ? 'gate' : undefined}
          data-address={visit.restored === 'signed-in-again' ? visit.path : undefined}
        >
          {answer.band}
          <div class="body">
            <div class="inner">
              <News visit={visit} />
              {answer.body}
            </div>
          </div>
        </main>
        {answer.frame !== 'gate' && (
          <footer class="page-foot">
            <div class="inner">Pullgate · {registryHost}</div>
          </footer>
        )}
      </body>
    </html>
  );
}

function News({ visit }: { readonly visit: Visit }): JSX.Element {
  const notice = noticeIn(visit);
  return (
    <>
      {visit.restored !== null && <Notice kind="info">{RESTORED[visit.restored]}</Notice>}
      {notice !== null && (
        <Notice kind="good">
          {notice.before}
          {notice.of !== '' && (
            <strong>
              <bdi>{notice.of}</bdi>
            </strong>
          )}
          {notice.after}
        </Notice>
      )}
    </>
  );
}

function Bar({ visit }: { readonly visit: Visit }): JSX.Element {
  const { actor } = visit;
  return (
    <header class="bar">
      <div class="inner">
        <a class="brand" href="/">
          <Mark />
          Pullgate
        </a>
        {actor.kind === 'user' && (
          <Search
            id="find"
            class="bar-search"
            action={ADDRESSES.home.path}
            label="Find a project or deploy token"
            placeholder="Find a project or deploy token"
            value=""
            keeps={[['show', 'all']]}
          />
        )}
        <nav aria-label="Main">
          <NavLink visit={visit} to={ADDRESSES.home.path} label="Home" class="nav-home" />
          {actor.kind === 'user' ? (
            <>
              {actor.user.isAdmin && (
                <NavLink
                  visit={visit}
                  to={ADDRESSES.users.path}
                  label="Admin"
                  isCurrent={visit.path.startsWith('/admin/')}
                />
              )}
              <AccountMenu actor={actor} csrf={visit.csrf} />
            </>
          ) : (
            <NavLink visit={visit} to={ADDRESSES['sign-in'].path} label="Sign in" />
          )}
        </nav>
      </div>
    </header>
  );
}

function NavLink(props: {
  readonly visit: Visit;
  readonly to: string;
  readonly label: string;
  readonly isCurrent?: boolean;
  readonly class?: string;
}): JSX.Element {
  const { visit, to, label, isCurrent = visit.path === to } = props;
  return (
    <a href={to} class={props.class} aria-current={isCurrent ? 'page' : undefined}>
      {label}
    </a>
  );
}

/** Opens without a script. */
function AccountMenu(props: { readonly actor: UserActor; readonly csrf: string }): JSX.Element {
  const { username } = props.actor.user;
  return (
    <details class="me">
      <summary>
        <span class="avatar" aria-hidden="true">
          {username.slice(0, 2).toUpperCase()}
        </span>
        <span class="visually-hidden">Your account: {username}</span>
      </summary>
      <div class="menu">
        <p class="small muted">
          Signed in as <strong>{username}</strong>
        </p>
        <a href={ADDRESSES.profile.path}>
          <Icon name="user" />
          Your settings
        </a>
        <form method="post" action={ADDRESSES['sign-out'].path}>
          <input type="hidden" name="csrf" value={props.csrf} />
          <button type="submit">
            <Icon name="log-out" />
            Sign out
          </button>
        </form>
      </div>
    </details>
  );
}
