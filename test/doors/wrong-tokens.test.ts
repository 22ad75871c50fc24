import { randomBytes } from 'node:crypto';
import { mock } from 'node:test';
import { expect } from 'chai';
import { withApp } from '../support/with-app.js';
import { basic, send } from '../support/token-client.js';
import { newProjectAndToken } from './app-data.js';

const DOORS = ['/token?service=container_registry', '/a/b.git/info/refs?service=git-upload-pack'];

// Whoever sends wrong tokens by the thousand must not cost more than whoever holds a right one.
describe('a wrong token', () => {
  const app = withApp();

  afterEach(() => {
    mock.restoreAll();
  });

  /** How often personal access tokens were asked for. */
  async function questionsFor(beginning: string): Promise<number> {
    const { login } = await newProjectAndToken(app);
    const secret = beginning + randomBytes(24).toString('base64url');
    const headers = { authorization: basic({ ...login, secret }) };
    const asked = mock.method(app.service.store.accessTokens, 'findByDigest');
    for (const target of DOORS) {
      const { status } = await send(app.origin, { method: 'GET', target, headers });
      expect(status).to.equal(401);
    }
    return asked.mock.callCount();
  }

  it('of a deploy token is looked up as one, and as nothing else', async () => {
    expect(await questionsFor('gldt-')).to.equal(0);
  });

  it('of a user is looked up as one', async () => {
    expect(await questionsFor('glpat-')).to.equal(2);
  });
});
