import { join } from 'node:path';
import { expect } from 'chai';
import type { AccessEntry } from '../../src/access/scope.js';
import { LONG_AGO } from '../support/build.js';
import { startApp } from '../support/start-app.js';
import { ask, askByGet, grantedBy, repository } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { newProject, newUser, requestLine } from './app-data.js';

const DEEPEST = 126;
const MIRRORED = 200;

describe('a request for many repositories', () => {
  const app = withApp();

  // 8 kB of scope, from anybody: thirty names of 126 components each, every beginning of which may be
  // somebody's. 3 780 look-ups took 22 ms on SQLite and sixty queries on MariaDB, while all others
  // waited. There is a budget for a request; what is over it is looked up for nobody.
  it('is answered as far as its budget goes, and the log has the reason for the rest', async () => {
    const { login } = await newUser(app, { isAdmin: true });
    const above = 'a/'.repeat(DEEPEST - 1);
    const scopes = Array.from({ length: 30 }, (_, i) => `repository:${above}${i}:pull`);

    const answer = await askByGet(app.origin, { login, scopes });

    const line = await requestLine(app, answer.headers['x-request-id']);
    expect(grantedBy(answer)).to.have.lengthOf(5);
    expect(JSON.stringify(line['refused'])).to.match(/^\[.*too_many_names/);
  });

  it('is granted to a mirror that lists 200 of three components', async () => {
    const { path } = await newProject(app, { path: 'tanuki/mirrored', visibility: 'public' });
    const names = Array.from({ length: MIRRORED }, (_, i) => `${path}/${i}`);

    const answer = await askByGet(app.origin, {
      scopes: names.map((name) => `repository:${name}:pull`),
    });

    const expected: AccessEntry[] = names.map((name) => repository(name, 'pull'));
    expect(grantedBy(answer)).to.deep.equal(expected);
  });

  // docker pushes with dozens of mounts, and a mirror asks for all it has. The end of it is the size of a
  // body or of the headers; before that, names over the budget are not granted and all others are.
  for (const [method, names, prefix] of [
    ['GET', 480, 30],
    ['POST', 1000, 30],
  ] as const) {
    it(`is answered by ${method} for ${names} of them, the first of which are granted`, async () => {
      const { path } = await newProject(app, { visibility: 'public' });
      const { login } = await newUser(app);
      const all = Array.from({ length: names }, (_, i) => `${path}/${'x'.repeat(prefix - 20)}${i}`);

      const answer = await ask(app.origin, method, {
        login,
        scopes: all.map((name) => `repository:${name}:pull`),
      });

      expect(answer.status).to.equal(200);
      expect(grantedBy(answer)).to.deep.equal(
        all.slice(0, 213).map((name) => repository(name, 'pull')),
      );
    });
  }

  it('ends with the size of what is read: 64 KiB by POST, 32 KiB of headers by GET', async () => {
    const scopes = ['a'.repeat(70 * 1024)];

    const byGet = await ask(app.origin, 'GET', { scopes });
    const byPost = await ask(app.origin, 'POST', { scopes });

    expect([byGet.status, byPost.status]).to.deep.equal([413, 413]);
  });

  it('finds a project of before that lies deeper than a new one may', async () => {
    const path = `${'deep/'.repeat(24)}app`;
    await app.service.store.projects.add({ path, visibility: 'public', createdAt: LONG_AGO });

    const restarted = await startApp({
      env: { PULLGATE_DATABASE_URL: `sqlite:${join(app.folder, 'pullgate.db')}` },
    });
    const answer = await askByGet(restarted.origin, { scopes: [`repository:${path}/image:pull`] });
    await restarted.stop();

    expect(grantedBy(answer)).to.deep.equal([repository(`${path}/image`, 'pull')]);
  });
});
