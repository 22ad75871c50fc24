import type { JSX } from 'preact';
import type { ANONYMOUS, Origin, UserActor } from '../access/actor.js';
import type { Session } from '../access/session.js';
import type { Secret } from '../credentials.js';
import type { Finding } from '../doctor/finding.js';
import type { RequestRecord } from '../http/request-record.js';
import type { ImageTags } from '../services/image-tags.js';
import type { MemberDeps } from '../services/members.js';
import type { ProjectDeps } from '../services/projects.js';
import type { SessionDeps } from '../services/sessions.js';
import type { Fields } from './fields.js';
import { noticeQuery, type Notice } from './notices.js';

/** What the pages need of their surroundings. */
export interface WebDeps extends SessionDeps, ProjectDeps, MemberDeps {
  readonly store: SessionDeps['store'];
  /** `http.public_url` */
  readonly publicUrl: string;
  /** `registry.host` */
  readonly registryHost: string;
  /** `registry.service` */
  readonly registryService: string;
  readonly imageTags: ImageTags;
  /** What is wrong on the way over the registry; null until it was looked at. */
  readonly pathFindings: () => readonly Finding[] | null;
  /** Logs a mistake of ours. */
  readonly failed: (requestId: string, error: unknown) => void;
}

interface AnyVisit {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** With its query. */
  readonly url: string;
  readonly query: Fields;
  /** What was sent; on a GET, what was typed before the session ran out: to fill the form in again. */
  readonly form: Fields;
  /** Why a form is shown again instead of being obeyed; null for an ordinary visit. */
  readonly restored: 'signed-in-again' | 'out-of-date' | null;
  /** For every form on the page. */
  readonly csrf: string;
  readonly origin: Origin;
  readonly userAgent: string;
  /** What is known of the request: never a secret. */
  readonly record: RequestRecord;
}

export interface AnonymousVisit extends AnyVisit {
  readonly actor: typeof ANONYMOUS;
  readonly session: null;
}

export interface SignedInVisit extends AnyVisit {
  readonly actor: UserActor;
  readonly session: Session;
}

export type Visit = AnonymousVisit | SignedInVisit;

export interface Visitor {
  readonly visit: Visit;
  /** What CSRF tokens are bound to: the cookie of the session, or of somebody who is not signed in. */
  readonly cookie: Secret;
  /** The visitor came without that cookie. */
  readonly isNew: boolean;
}

export interface PageAnswer {
  readonly kind: 'page';
  readonly status: number;
  readonly title: string;
  /** Above the body, over the whole width; null where the body says what it is. */
  readonly band: JSX.Element | null;
  readonly body: JSX.Element;
  /** `gate`: without the bar, for whoever is not in yet. */
  readonly frame: 'full' | 'gate';
  readonly retryAfterSeconds?: number;
}

export interface RedirectAnswer {
  readonly kind: 'redirect';
  /** A path of ours. */
  readonly to: string;
}

export interface SignedInAnswer {
  readonly kind: 'signed-in';
  readonly secret: Secret;
  readonly actor: UserActor;
  readonly session: Session;
  readonly to: string;
  /** What was typed into the form at `to` before the session ran out. */
  readonly kept: Fields;
}

export interface SignedOutAnswer {
  readonly kind: 'signed-out';
}

/** A file to save, however long. */
export interface DownloadAnswer {
  readonly kind: 'download';
  /** With its charset. */
  readonly type: string;
  readonly fileName: string;
  readonly content: AsyncIterable<string>;
}

export type Answer =
  PageAnswer | RedirectAnswer | SignedInAnswer | SignedOutAnswer | DownloadAnswer;

export function page(
  title: string,
  body: JSX.Element,
  options: Partial<Pick<PageAnswer, 'status' | 'band' | 'frame'>> = {},
): PageAnswer {
  return { kind: 'page', status: 200, band: null, frame: 'full', title, body, ...options };
}

/** To a page of ours. */
export function redirect(to: string): RedirectAnswer {
  return { kind: 'redirect', to };
}

/** To a page of ours that says once what happened, and to which object; see notices.ts. */
export function redirectSaying(
  { csrf }: Pick<Visit, 'csrf'>,
  to: string,
  notice: Notice,
  of = '',
): RedirectAnswer {
  return redirect(`${to}?${noticeQuery(notice, of, csrf)}`);
}
