import { Readable } from 'node:stream';
import { AppError } from '../access/errors.js';
import type { Door } from '../http/handler.js';
import { ADDRESSES, parseAddress, type Address } from './addresses.js';
import type { Asset, Assets } from './assets.js';
import { dropCookie, setCookie, type CookieNames } from './cookies.js';
import { csrfToken } from './csrf.js';
import { answerVisit } from './pages/pages.js';
import { renderPage } from './layout.js';
import { errorPage } from './error-page.js';
import type {
  Answer,
  DownloadAnswer,
  PageAnswer,
  SignedInAnswer,
  Visit,
  Visitor,
  WebDeps,
} from './visit.js';

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const SEE_OTHER = 303;
const FORBIDDEN = 403;

type Context = Parameters<Door>[0];

interface WriteDeps {
  readonly deps: WebDeps;
  readonly assets: Assets;
  readonly names: CookieNames;
  readonly ctx: Context;
}

export function writeAsset(ctx: Context, { type, content }: Asset): void {
  ctx.set('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`);
  ctx.type = type;
  ctx.body = content;
}

export async function writeAnswer(
  to: WriteDeps,
  { visit, cookie, isNew, answer }: Visitor & { readonly answer: Answer },
): Promise<void> {
  const { ctx, names } = to;
  // Back after signing out must find nothing, and no proxy may keep a page.
  ctx.set('cache-control', 'no-store');
  switch (answer.kind) {
    case 'page':
      if (isNew) {
        ctx.append('set-cookie', setCookie(names, names.visit, cookie, to.deps.hours * 3600));
      }
      writePage(to, visit, answer);
      return;
    case 'redirect':
      seeOther(ctx, answer.to);
      return;
    case 'download':
      writeDownload(to, answer);
      return;
    case 'signed-in':
      await writeSignedIn(to, visit, answer);
      return;
    case 'signed-out':
      ctx.append('set-cookie', dropCookie(names, names.session));
      // Also what browsers keep of pages in memory, for going back.
      ctx.set('clear-site-data', '"cache"');
      seeOther(ctx, `${ADDRESSES['sign-in'].path}?notice=signed-out`);
  }
}

/** What fails half-way breaks the connection off, so that nobody takes the half for all of it. */
function writeDownload({ ctx, deps }: WriteDeps, answer: DownloadAnswer): void {
  const content = Readable.from(answer.content);
  content.on('error', (error) => {
    deps.failed(ctx.state.requestId, error);
    ctx.res.destroy();
  });
  ctx.attachment(answer.fileName);
  ctx.type = answer.type;
  ctx.body = content;
}

function seeOther(ctx: Context, to: string): void {
  ctx.status = SEE_OTHER;
  ctx.set('location', to);
  ctx.body = '';
}

function writePage({ ctx, assets, deps }: WriteDeps, visit: Visit, answer: PageAnswer): void {
  ctx.status = visit.restored === 'out-of-date' ? FORBIDDEN : answer.status;
  if (answer.retryAfterSeconds !== undefined) {
    ctx.set('retry-after', String(answer.retryAfterSeconds));
  }
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = renderPage({ assets, registryHost: deps.registryHost, visit, answer });
}

/** To the page that was asked for; straight to its form where one had been filled in. */
async function writeSignedIn(to: WriteDeps, visit: Visit, answer: SignedInAnswer): Promise<void> {
  const { ctx, deps, names } = to;
  const { secret, actor, session, kept } = answer;
  ctx.append('set-cookie', setCookie(names, names.session, secret, deps.hours * 3600));
  ctx.append('set-cookie', dropCookie(names, names.visit));
  const address = parseAddress(answer.to);
  if (kept.size === 0 || address === null) {
    seeOther(ctx, answer.to);
    return;
  }
  const csrf = csrfToken(secret);
  const inside: Visit = {
    ...visit,
    method: 'GET',
    path: answer.to,
    url: answer.to,
    form: kept,
    restored: 'signed-in-again',
    csrf,
    actor,
    session,
  };
  const shown = await answerOrErrorPage(deps, address, inside);
  if (shown.kind === 'page') {
    writePage(to, inside, shown);
  } else {
    seeOther(ctx, answer.to);
  }
}

async function answerOrErrorPage(deps: WebDeps, address: Address, visit: Visit): Promise<Answer> {
  try {
    return await answerVisit(deps, address, visit);
  } catch (error) {
    if (error instanceof AppError) {
      return errorPage(visit, error);
    }
    throw error;
  }
}
