import type { IncomingMessage } from 'node:http';
import { ANONYMOUS } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { Secret } from '../credentials.js';
import { readBody } from '../http/body.js';
import { noteRefusal } from '../http/errors.js';
import { parseForm } from '../http/form.js';
import type { Door } from '../http/handler.js';
import { originOf } from '../http/request-record.js';
import { findSession } from '../services/sessions.js';
import { ADDRESSES, parseAddress, type Address } from './addresses.js';
import type { Assets } from './assets.js';
import { cookieNames, readCookie, type CookieNames } from './cookies.js';
import { csrfToken, isCsrfToken, isFromOurPages } from './csrf.js';
import { answerVisit } from './pages/pages.js';
import { fieldText, NO_FIELDS, type Fields } from './fields.js';
import { errorPage, failurePage, NOT_FOUND } from './error-page.js';
import { securityHeaders } from './security-headers.js';
import type { Answer, PageAnswer, Visit, Visitor, WebDeps } from './visit.js';
import { writeAnswer, writeAsset } from './write-answer.js';

const MAX_FORM_BYTES = 64 * 1024;
/** Fields of several lines. */
const WITH_LINES = new Set(['only']);
const FORM = /^application\/x-www-form-urlencoded(?:;|$)/i;

/** Pages with a form for whoever is not signed in. */
const FOR_STRANGERS: ReadonlySet<Address['page']> = new Set(['sign-in', 'setup', 'invitation']);

type Context = Parameters<Door>[0];

/** The pages. Addresses that are none of theirs go on to the next door. */
export function webDoor(deps: WebDeps, assets: Assets): Door {
  const names = cookieNames(deps.publicUrl);
  const headers = securityHeaders(deps.publicUrl);

  return async function serveWeb(ctx, next) {
    const asset = assets.find(ctx.path);
    if (asset !== null) {
      ctx.state.door = 'web';
      ctx.set(headers);
      writeAsset(ctx, asset);
      return;
    }
    const address = parseAddress(ctx.path);
    if (!isForPages(ctx, address)) {
      await next();
      return;
    }
    ctx.set(headers);
    ctx.state.door = 'web';
    const to = { deps, assets, names, ctx };
    let visitor = nobody(ctx);
    try {
      // Who visits is looked at once all has arrived: a form can be held back until its session is ended.
      const form = await formOrRefusal(deps, ctx.req);
      visitor = await visitorOf(deps, ctx, names);
      ctx.state.actor = visitor.visit.actor;
      await writeAnswer(to, { ...visitor, ...(await answerTo(deps, address, visitor, form)) });
    } catch (error) {
      if (isForOthers(ctx, address, error)) {
        ctx.remove('content-security-policy');
        await next();
        return;
      }
      await writeAnswer(to, { ...visitor, answer: refusal(deps, ctx, visitor.visit, error) });
    }
  };
}

function isForPages(ctx: Context, address: Address | null): boolean {
  if (ctx.method === 'GET' || ctx.method === 'HEAD') {
    return address !== null || wantsHtml(ctx);
  }
  return ctx.method === 'POST' && address !== null && ADDRESSES[address.page].hasForm;
}

/** Named, not just allowed by a wildcard: a program that asks for anything gets JSON. */
function wantsHtml(ctx: Context): boolean {
  return ctx.get('accept').includes('text/html');
}

async function answerTo(
  deps: WebDeps,
  address: Address | null,
  visitor: Visitor,
  form: Fields | AppError | null,
): Promise<{ readonly visit: Visit; readonly answer: Answer }> {
  if (address === null) {
    throw new AppError('not_found', NOT_FOUND);
  }
  if (form instanceof AppError) {
    throw form;
  }
  const visit = form === null ? visitor.visit : withForm(address, visitor, form);
  return { visit, answer: await answerVisit(deps, address, visit) };
}

/** A program that asks for what looks like a project is told by the last door that there is nothing. */
function isForOthers(ctx: Context, address: Address | null, error: unknown): boolean {
  const isMissing = error instanceof AppError && error.code === 'not_found';
  return isMissing && address?.page === 'place' && !wantsHtml(ctx);
}

function refusal(deps: WebDeps, ctx: Context, visit: Visit, error: unknown): PageAnswer {
  if (error instanceof AppError) {
    noteRefusal(ctx.state, error);
    return errorPage(visit, error);
  }
  deps.failed(ctx.state.requestId, error);
  return failurePage(visit, ctx.state.requestId);
}

/** Until it is known who visits, and when that cannot be found out. */
function nobody(ctx: Context): Visitor {
  const cookie = Secret.generate();
  const visit = { ...visitFacts(ctx), csrf: csrfToken(cookie), actor: ANONYMOUS, session: null };
  return { visit, cookie, isNew: false };
}

function visitFacts(ctx: Context): Omit<Visit, 'csrf' | 'actor' | 'session'> {
  return {
    method: 'GET',
    path: ctx.path,
    url: ctx.url,
    query: parseForm(ctx.querystring) ?? NO_FIELDS,
    form: NO_FIELDS,
    restored: null,
    origin: originOf(ctx.state, 'web'),
    userAgent: ctx.state.userAgent,
    record: ctx.state,
  };
}

async function visitorOf(deps: WebDeps, ctx: Context, names: CookieNames): Promise<Visitor> {
  const sessionCookie = readCookie(ctx.req, names.session);
  const signedIn =
    sessionCookie && (await findSession(deps, sessionCookie, originOf(ctx.state, 'web')));
  const visitCookie = readCookie(ctx.req, names.visit);
  const cookie = signedIn ? sessionCookie : (visitCookie ?? Secret.generate());
  const visit = { ...visitFacts(ctx), csrf: csrfToken(cookie) };
  return {
    visit: signedIn ? { ...visit, ...signedIn } : { ...visit, actor: ANONYMOUS, session: null },
    cookie,
    isNew: !signedIn && visitCookie === null,
  };
}

/**
 * The visit with what was sent. A form whose CSRF token is of another session, since its page stood
 * open while its reader signed in again, is shown once more instead of being obeyed.
 */
function withForm(address: Address, { visit, cookie }: Visitor, form: Fields): Visit {
  if (isCsrfToken(cookie, fieldText(form, 'csrf'))) {
    return { ...visit, method: 'POST', form };
  }
  const asksToSignIn = visit.actor.kind === 'anonymous' && !FOR_STRANGERS.has(address.page);
  // Nobody is signed in, so nothing is done: the form is kept for when somebody is.
  return asksToSignIn
    ? { ...visit, method: 'POST', form }
    : { ...visit, method: 'GET', form, restored: 'out-of-date' };
}

/** Null for a request without one. A refusal is a value: whom to tell is not known yet. */
async function formOrRefusal(
  { publicUrl }: WebDeps,
  request: IncomingMessage,
): Promise<Fields | AppError | null> {
  if (request.method !== 'POST') {
    return null;
  }
  try {
    requireFromOurPages(request, publicUrl);
    return await readForm(request);
  } catch (error) {
    if (error instanceof AppError) {
      return error;
    }
    throw error;
  }
}

function requireFromOurPages(request: IncomingMessage, publicUrl: string): void {
  if (!isFromOurPages(request.headers, publicUrl)) {
    throw new AppError(
      'forbidden',
      `This form was not sent from a page of Pullgate. Open it at ${publicUrl} and try again.`,
    );
  }
}

async function readForm(request: IncomingMessage): Promise<Fields> {
  if (!FORM.test(request.headers['content-type'] ?? '')) {
    throw new AppError('invalid_input', 'Only forms are taken here.');
  }
  const body = (await readBody(request, MAX_FORM_BYTES)).toString('latin1');
  const form = parseForm(body, { withLines: WITH_LINES });
  if (form === null) {
    throw new AppError('invalid_input', 'The form is not well-formed text.');
  }
  return form;
}
