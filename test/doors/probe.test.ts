import { join } from 'node:path';
import { expect } from 'chai';
import { loadKeys } from '../../src/keys/key-folder.js';
import { signProbeToken } from '../../src/keys/probe-token.js';
import { signRegistryToken } from '../../src/keys/registry-token.js';
import type { SigningKey } from '../../src/keys/signing-key.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { send, SERVICE, type Answer } from '../support/token-client.js';

describe('GET /-/probe', () => {
  let app: TestApp;
  let key: SigningKey;

  before(async () => {
    app = await startApp({ env: { PULLGATE_HTTP_TRUSTED_PROXIES: '192.0.2.0/24' } });
    const dir = join(app.folder, 'certs');
    [key] = (await loadKeys({ dir, algorithm: 'ES256', now: () => new Date() })).keys;
  });

  after(async () => {
    await app.stop();
  });

  async function probe(headers: Readonly<Record<string, string>>): Promise<Answer> {
    return await send(app.origin, { method: 'GET', target: '/-/probe', headers });
  }

  it('tells everybody whether the header Authorization arrived, and no more', async () => {
    const without = await probe({});
    const basic = await probe({ authorization: 'Basic YTpi' });
    const other = await probe({ authorization: 'Bearer eyJ.eyJ.x' });

    expect(without.status).to.equal(401);
    expect(without.body).to.deep.equal({ authorization: 'absent' });
    expect(basic.body).to.deep.equal({ authorization: 'unknown' });
    expect(other.body).to.deep.equal({ authorization: 'unknown' });
  });

  it('takes no JWT that was made for the registry', async () => {
    const token = signRegistryToken(key, {
      issuer: 'pullgate',
      audience: SERVICE,
      subject: 'ada',
      access: [],
      issuedAt: new Date(),
      expiresAt: new Date(Date.now() + 60_000),
    });

    expect((await probe({ authorization: `Bearer ${token}` })).status).to.equal(403);
  });

  it('tells who has the same keys which database it is, and whom it does not trust', async () => {
    const { databaseId } = await app.service.store.instance.read();
    const authorization = `Bearer ${signProbeToken(key, new Date())}`;

    const direct = await probe({ authorization });
    const forwarded = await probe({ authorization, 'x-forwarded-for': '203.0.113.7' });

    const seen = { authorization: 'own', instance: databaseId, peer: '127.0.0.1' };
    expect(direct.body).to.deep.equal({ ...seen, forwarded: 'absent' });
    expect(forwarded.body).to.deep.equal({ ...seen, forwarded: 'ignored' });
    expect(forwarded.headers['cache-control']).to.equal('no-store');
    expect(app.log()).not.to.contain(authorization.slice(-40));
  });
});
