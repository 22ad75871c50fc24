import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { ADDRESSES } from './addresses.js';
import type { Assets } from './assets.js';
import { Alert } from './components.js';
import { fieldText } from './fields.js';
import { noticeText } from './notices.js';
import type { PageAnswer, Visit } from './visit.js';

const RESTORED: Readonly<Record<NonNullable<Visit['restored']>, string>> = {
  'signed-in-again': 'You are signed in again. What you typed is below; nothing was sent yet.',
  'out-of-date':
    'This page was opened before you last signed in, so nothing was done. Check it, and send it again.',
};

/** A whole document. Everything that people wrote is escaped by the renderer. */
export function renderPage(assets: Assets, visit: Visit, answer: PageAnswer): string {
  const document = <Document assets={assets} visit={visit} answer={answer} />;
  return `<!doctype html>${renderToString(document)}`;
}

function Document(props: {
  readonly assets: Assets;
  readonly visit: Visit;
  readonly answer: PageAnswer;
}): JSX.Element {
  const { assets, visit, answer } = props;
  const notice = noticeText(fieldText(visit.query, 'notice'));
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
        <Header visit={visit} />
        <main
          id="main"
          tabIndex={-1}
          data-address={visit.restored === 'signed-in-again' ? visit.path : undefined}
        >
          {visit.restored !== null && <Alert kind="info">{RESTORED[visit.restored]}</Alert>}
          {notice !== null && <Alert kind="good">{notice}</Alert>}
          {answer.body}
        </main>
        <footer>
          <p>Pullgate · deploy tokens for your registry and git</p>
        </footer>
      </body>
    </html>
  );
}

function Header(props: { readonly visit: Visit }): JSX.Element {
  const { visit } = props;
  const { actor } = visit;
  return (
    <header>
      <div class="bar">
        <a class="brand" href="/">
          <Mark />
          Pullgate
        </a>
        {actor.kind === 'user' ? (
          <nav aria-label="Main">
            <NavLink visit={visit} to="/" label="Projects" />
            {actor.user.isAdmin && (
              <>
                <NavLink visit={visit} to={ADDRESSES.users.path} label="Users" />
                <NavLink visit={visit} to={ADDRESSES['audit-all'].path} label="Audit" />
              </>
            )}
            <NavLink
              visit={visit}
              to={ADDRESSES.profile.path}
              label={actor.user.username}
              class="who"
            />
            <form method="post" action={ADDRESSES['sign-out'].path}>
              <input type="hidden" name="csrf" value={visit.csrf} />
              <button type="submit" class="link">
                Sign out
              </button>
            </form>
          </nav>
        ) : (
          <nav aria-label="Main">
            <NavLink visit={visit} to={ADDRESSES['sign-in'].path} label="Sign in" />
          </nav>
        )}
      </div>
    </header>
  );
}

function NavLink(props: {
  readonly visit: Visit;
  readonly to: string;
  readonly label: string;
  readonly class?: string;
}): JSX.Element {
  const isCurrent = props.visit.path === props.to;
  return (
    <a href={props.to} class={props.class} aria-current={isCurrent ? 'page' : undefined}>
      {props.label}
    </a>
  );
}

/** A gate, open by one bar. */
function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path
        d="M4 21V9a8 8 0 0 1 16 0v12"
        fill="none"
        stroke="currentColor"
        stroke-width="2.4"
        stroke-linecap="round"
      />
      <path
        d="M12 8v9m-3.6-3.4L12 17.2l3.6-3.6"
        fill="none"
        stroke="currentColor"
        stroke-width="2.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
