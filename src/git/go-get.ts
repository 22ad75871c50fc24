/**
 * Where a Go module is to be cloned from: `go get` asks the import path itself, over HTTP. Protocol: cmd/go,
 * "Remote import paths".
 */

import type { IncomingMessage } from 'node:http';
import type { Actor } from '../access/actor.js';
import { gitRefusal } from '../access/git-access.js';
import { isPath, MAX_COMPONENTS, projectPathProblem } from '../access/project.js';
import { pathsAbove } from '../access/tree.js';
import type { Door } from '../http/handler.js';
import { gitErrors } from './errors.js';
import { actorOf, type GitRoutesDeps } from './git-routes.js';

const MAX_LENGTH = 1000;
/** Of a package below its module, which is no path of ours. */
const COMPONENT = /^[\w.~+-]+$/;

export interface GoGetDeps extends Pick<GitRoutesDeps, 'authenticate' | 'refuse' | 'findProject'> {
  readonly publicUrl: string;
}

/**
 * Answers every path that could be a module's, so that it tells nobody what there is: the project that the
 * credentials may clone, else the first two components.
 */
export function goGetDoor(deps: GoGetDeps): Door {
  const { host } = new URL(deps.publicUrl);
  return async function serveGoGet(ctx, next) {
    const path = importPath(ctx.req);
    if (path === null) {
      await next();
      return;
    }
    ctx.state.door = 'git';
    await gitErrors(ctx, async () => {
      const actor = await actorOf(deps, ctx.req.headers.authorization, ctx.state);
      const root = (await clonedBy(deps, actor, path)) ?? firstTwo(path);
      ctx.type = 'text/html; charset=utf-8';
      ctx.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      ctx.body = `<!DOCTYPE html>\n<meta name="go-import" content="${host}/${root} git ${deps.publicUrl}/${root}.git">\n`;
    });
  };
}

/** Null for what is no question of `go get`, or not about anything that can be a project. */
function importPath({ method, url = '' }: IncomingMessage): string | null {
  const { path = '' } = /^\/(?<path>[^?]+?)\/?\?(?:.*&)?go-get=1(?:&|$)/.exec(url)?.groups ?? {};
  const isWellFormed =
    method === 'GET' &&
    path.length <= MAX_LENGTH &&
    path.split('/').every((component) => COMPONENT.test(component)) &&
    projectPathProblem(firstTwo(path)) === null;
  return isWellFormed ? path : null;
}

/** As it was typed: Go compares letter by letter. */
async function clonedBy(
  { findProject }: GoGetDeps,
  actor: Actor,
  path: string,
): Promise<string | null> {
  const candidates = [...pathsAbove(path), path]
    .slice(0, MAX_COMPONENTS)
    .filter((one) => one.includes('/') && isPath(one));
  const projects = await Promise.all(candidates.map(async (one) => await findProject(one)));
  const at = projects.findIndex(
    (project) => project !== null && gitRefusal(actor, 'fetch', project) === null,
  );
  return candidates[at] ?? null;
}

function firstTwo(path: string): string {
  return path.split('/', 2).join('/');
}
