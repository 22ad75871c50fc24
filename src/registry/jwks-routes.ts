import { Router } from '@koa/router';
import type { JWK } from 'jose';
import type { RequestRecord } from '../http/request-record.js';

const MAX_AGE_SECONDS = 60;

/** The public keys as a JSON Web Key Set (RFC 7517), for whoever checks our JWTs without the CA. */
export function jwksRoutes(jwks: () => Promise<{ keys: JWK[] }>): Router<RequestRecord> {
  const router = new Router<RequestRecord>();
  router.get('/.well-known/jwks.json', async (ctx) => {
    ctx.body = await jwks();
    ctx.set('cache-control', `public, max-age=${MAX_AGE_SECONDS}`);
  });
  return router;
}
