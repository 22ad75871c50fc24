import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { revokeAccessToken } from '../../src/services/access-tokens.js';
import { withApp } from '../support/with-app.js';
import { askByGet, errorOf } from '../support/token-client.js';
import { newAccessToken, newUser } from './app-data.js';
import { accessTokensOf } from '../support/rows.js';

describe('a revoked personal access token', () => {
  const app = withApp();

  it('is refused at the next request, and the others of its user are not', async () => {
    const { user } = await newUser(app);
    const kept = await newAccessToken(app, user, ['read_registry']);
    const lost = await newAccessToken(app, user, ['read_registry']);
    const deps = { store: app.service.store, now: () => new Date() };
    const [newest] = await accessTokensOf(app.service.store, user.id);

    await revokeAccessToken(deps, OPERATOR, user, newest?.id ?? 0);
    const refused = await askByGet(app.origin, { login: lost });
    const accepted = await askByGet(app.origin, { login: kept });

    expect(refused.status).to.equal(401);
    expect(errorOf(refused).code).to.equal('UNAUTHORIZED');
    expect(accepted.status).to.equal(200);
  });

  it('cannot be revoked again, nor by the number of another user', async () => {
    const { user } = await newUser(app);
    const { user: other } = await newUser(app);
    await newAccessToken(app, user, ['read_registry']);
    const deps = { store: app.service.store, now: () => new Date() };
    const [token] = await accessTokensOf(app.service.store, user.id);
    const id = token?.id ?? 0;

    const byOther = await failureOf(revokeAccessToken(deps, OPERATOR, other, id));
    const first = await failureOf(revokeAccessToken(deps, OPERATOR, user, id));
    const again = await failureOf(revokeAccessToken(deps, OPERATOR, user, id));

    expect([byOther, first, again]).to.deep.equal(['not_found', null, 'not_found']);
  });
});

async function failureOf(work: Promise<void>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}
