import { Router } from '@koa/router';
import type { Door } from '../http/handler.js';
import type { RequestRecord } from '../http/request-record.js';
import { actorOf, refuseOtherTokens, refuseSudo, requireUse } from './authentication.js';
import type { ApiDeps, Endpoint } from './endpoint.js';
import { ENDPOINTS } from './endpoints.js';
import { apiAnswers, Refusal } from './errors.js';
import { graphqlEndpoint } from './graphql.js';
import { givenIn, readBytes } from './given.js';
import { openApiEndpoint, PREFIX } from './openapi.js';

type Context = Parameters<Door>[0] & { readonly params: Readonly<Record<string, string>> };

/** Everything under `/api/`: GitLab's REST API, version 4, as far as docs/api.md says. */
export function apiRoutes(deps: ApiDeps): Router<RequestRecord> {
  const router = new Router<RequestRecord>({ sensitive: true });
  router.use(apiAnswers());
  const endpoints = [...ENDPOINTS, openApiEndpoint(ENDPOINTS)];
  for (const endpoint of endpoints) {
    router[endpoint.method](PREFIX + endpoint.path, async (ctx) => {
      const nearest = nearestOf(known, ctx.path);
      if (!nearest.some(({ path }) => path === PREFIX + endpoint.path)) {
        throw noSuchRoute(nearest);
      }
      await answer(deps, endpoint, ctx);
    });
  }
  router.post(`/api${graphqlEndpoint.path}`, async (ctx) => {
    await answer(deps, graphqlEndpoint, ctx);
  });
  // What is used for every address has no method.
  const known = router.stack.filter(({ methods }) => methods.length > 0);
  router.all(/^\/api(?:\/.*)?$/, (ctx) => {
    throw noSuchRoute(nearestOf(known, ctx.path));
  });
  return router;
}

type Route = Router<RequestRecord>['stack'][number];

/** Of `members/all` and `members/:user_id`, `all` is no number of a user, whatever the method. */
function nearestOf(routes: readonly Route[], address: string): readonly Route[] {
  const matching = routes.filter((route) => route.match(address));
  const fewest = Math.min(...matching.map(namesIn));
  return matching.filter((route) => namesIn(route) === fewest);
}

function namesIn({ paramNames }: Route): number {
  return paramNames.length;
}

async function answer(deps: ApiDeps, endpoint: Endpoint, ctx: Context): Promise<void> {
  const { headers: sent } = ctx.req;
  refuseSudo(new Map(Object.entries(sent)));
  // Who asks is looked at once all has arrived: a body can be held back until its token is revoked.
  const bytes = await readBytes(ctx.req);
  const actor = await actorOf(deps, sent, ctx.state);
  requireUse(actor, endpoint);
  const given = givenIn({ headers: sent, bytes, query: ctx.querystring, address: ctx.params });
  refuseSudo(given);
  refuseOtherTokens(actor, { headers: sent, given });
  const { status, body, headers } = await endpoint.run(deps, { actor, given, path: ctx.path });
  ctx.set(headers);
  ctx.body = body;
  // Whoever sends back the ETag has it already.
  ctx.status = status;
  if (ctx.fresh) {
    ctx.status = 304;
  }
}

function noSuchRoute(routes: readonly Route[]): Refusal {
  const methods = routes.flatMap((route) => route.methods);
  return methods.length === 0
    ? new Refusal(404, { error: '404 Not Found' })
    : new Refusal(405, { error: '405 Not Allowed' }, { allow: [...new Set(methods)].join(', ') });
}
