import { join } from 'node:path';
import { expect } from 'chai';
import { DataSource } from 'typeorm';
import { AppError } from '../../src/access/errors.js';
import { findSession } from '../../src/services/sessions.js';
import { createCredentialLimits } from '../../src/services/credential-limits.js';
import { Secret } from '../../src/credentials.js';
import { AN_ORIGIN } from '../support/build.js';
import { passwords } from '../support/passwords.js';
import type { TestApp } from '../support/start-app.js';
import type { WebClient } from '../support/web-client.js';
import { withApp } from '../support/with-app.js';
import { webData } from './web-data.js';

describe('pages when something is wrong inside', () => {
  const app = withApp();
  let grace: WebClient;

  before(async () => {
    const data = webData(app);
    grace = await data.signedIn('grace', null, await data.project('tanuki/other'));
  });

  it('are shown by a database that takes no writes just now', async () => {
    const client = await webData(app).signedIn('reader', null, await webData(app).project('a/b'));
    const [, cookie = ''] = [...client.cookies].find(([name]) => name.includes('session')) ?? [];
    const { store } = app.service;
    const anHourLater = new Date(Date.now() + 60 * 60 * 1000);

    const found = await findSession(
      {
        store: {
          ...store,
          async write() {
            return await Promise.reject(new AppError('unavailable', 'read-only'));
          },
        },
        now: () => anHourLater,
        tokenPrefix: 'gldt-',
        passwords,
        limits: createCredentialLimits(),
        idleMinutes: 480,
        hours: 24,
      },
      new Secret(cookie),
      AN_ORIGIN,
    );

    expect(found?.actor.user.username).to.equal('reader');
  });

  it('say so on a page, with the number of the line in the log, and tell nothing else', async () => {
    const data = webData(app);
    const client = await data.signedIn('ada', 'owner', await data.project('tanuki/app'));
    await breakTable(app, 'deploy_tokens');

    const answer = await client.get('/tanuki/app/-/settings/repository');

    const requestId = answer.headers.get('x-request-id') ?? 'none';
    expect(answer.status).to.equal(500);
    expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expect(answer.headers.get('content-security-policy')).to.include("default-src 'none'");
    expect(answer.html).to.include('Something went wrong').and.include(requestId);
    expect(answer.html)
      .to.include('ada')
      .and.not.match(/no such table|deploy_tokens/);
    expect(app.log()).to.match(new RegExp(`${requestId}.*no such table`));
  });

  it('say so even where it cannot be found out who visits', async () => {
    await breakTable(app, 'sessions');

    const answer = await grace.get('/');

    expect(answer.status).to.equal(500);
    expect(answer.html).to.include('Something went wrong').and.not.include('grace');
    expect(answer.headers.get('set-cookie')).to.equal(null);
  });
});

async function breakTable({ folder }: TestApp, table: string): Promise<void> {
  const db = new DataSource({ type: 'better-sqlite3', database: join(folder, 'pullgate.db') });
  await db.initialize();
  await db.query(`ALTER TABLE ${table} RENAME TO lost_${table}`);
  await db.destroy();
}
