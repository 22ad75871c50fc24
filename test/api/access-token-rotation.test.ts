import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { trackAccessTokenUses } from '../../src/services/access-token-uses.js';
import { newAccessToken, newUser } from '../doors/app-data.js';
import { userWho } from '../support/build.js';
import { auditEventsOf } from '../support/rows.js';
import { ask } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import {
  apiClient,
  clientOf,
  fieldOf,
  idIn,
  idsIn,
  newAdministrator,
  textIn,
  type ApiClient,
} from './api-client.js';

const NOON = new Date('2031-05-01T12:00:00Z');
const MINUTE_MS = 60_000;
const SELF = '/personal_access_tokens/self';

describe('personal access tokens of the API', () => {
  const app = withApp({ now: () => now });
  let now = NOON;
  let client: ApiClient;
  let userId: number;

  beforeEach(async () => {
    now = NOON;
    const { user } = await newUser(app);
    userId = user.id;
    client = await clientOf(app, user);
  });

  async function newToken(input: object = {}): Promise<{ id: number; secret: string }> {
    const body = { name: 'script', scopes: ['api', 'read_registry'], ...input };
    const made = await client.post('/user/personal_access_tokens', body);
    return { id: idIn(made), secret: textIn(made, 'token') };
  }

  async function lastUsed({ id }: { readonly id: number }): Promise<unknown> {
    return fieldOf(await client.get(`/personal_access_tokens/${id}`), 'last_used_at');
  }

  /** The service writes by itself, some time after the answer. */
  async function lastUsedOnceWritten(token: { readonly id: number }): Promise<unknown> {
    for (;;) {
      const at = await lastUsed(token);
      if (at !== null) {
        return at;
      }
      await pause(50);
    }
  }

  async function actorWith(id: number): Promise<ReturnType<typeof userWho>> {
    const token = await app.service.store.accessTokens.findById(id);
    return userWho(null, token === null ? {} : { credential: { kind: 'access_token', token } });
  }

  describe('tell when they were last used', () => {
    it('at the API and at the registry, and null before', async () => {
      const [atApi, atRegistry] = [await newToken(), await newToken()];
      const before = [await lastUsed(atApi), await lastUsed(atRegistry)];

      await apiClient(app, atApi.secret).get('/version');
      await ask(app.origin, 'GET', { login: { username: 'any', secret: atRegistry.secret } });

      expect(before).to.deep.equal([null, null]);
      expect(await lastUsedOnceWritten(atApi)).to.equal(NOON.toISOString());
      expect(await lastUsedOnceWritten(atRegistry)).to.equal(NOON.toISOString());
    });

    it('to within ten minutes, without a write for each request', async () => {
      const { id } = await newToken();
      const writes: Date[] = [];
      const uses = trackAccessTokenUses({
        now: () => now,
        store: {
          async write(work) {
            writes.push(now);
            return await app.service.store.write(work);
          },
        },
      });

      for (const minute of [0, 9, 10, 11, 19, 20]) {
        now = new Date(NOON.getTime() + minute * MINUTE_MS);
        uses.observeRequest({ actor: await actorWith(id) });
        await uses.write();
      }

      const minutes = writes.map((at) => (at.getTime() - NOON.getTime()) / MINUTE_MS);
      expect(minutes).to.deep.equal([0, 10, 20]);
    });

    it('and keep what waits while the database is away', async () => {
      const { id } = await newToken();
      let isAway = true;
      const uses = trackAccessTokenUses({
        now: () => now,
        store: {
          async write(work) {
            if (isAway) {
              throw new Error('away');
            }
            return await app.service.store.write(work);
          },
        },
      });

      uses.observeRequest({ actor: await actorWith(id) });
      const failed = await uses.write().catch(() => 'failed');
      isAway = false;
      await uses.write();

      expect(failed).to.equal('failed');
      expect(await lastUsed({ id })).to.equal(NOON.toISOString());
    });
  });

  it('are found by what a clean-up asks for: unused, revoked, by name and by age', async () => {
    const old = await newToken({ name: 'Backup job' });
    now = new Date(NOON.getTime() + 60 * MINUTE_MS);
    const young = await newToken({ name: 'deploy' });
    await apiClient(app, young.secret).get('/version');
    await lastUsedOnceWritten(young);
    await client.delete(`/personal_access_tokens/${old.id}`);

    const half = new Date(NOON.getTime() + 30 * MINUTE_MS).toISOString();
    const found = new Map<string, number[]>();
    for (const filter of [
      'revoked=true',
      'revoked=False',
      'search=BACKUP',
      `created_before=${half}&search=b`,
      `created_after=${half}`,
      `last_used_after=${half}&search=deploy`,
      `last_used_before=${half}`,
    ]) {
      found.set(filter, idsIn(await client.get(`/personal_access_tokens?${filter}`)));
    }

    const own = idIn(await client.get(SELF));
    expect([...found.values()]).to.deep.equal([
      [old.id],
      [young.id, own],
      [old.id],
      [old.id],
      [young.id],
      [young.id],
      [],
    ]);
  });

  describe('are rotated', () => {
    it('by themselves: another secret and number, the rest stays, and the one before is refused', async () => {
      const { id, secret } = await newToken({ expires_at: '2031-05-08' });
      const before = await apiClient(app, secret).get(SELF);

      const rotated = await apiClient(app, secret).post(`${SELF}/rotate`);

      expect(rotated.status).to.equal(200);
      expect(idIn(rotated)).to.be.greaterThan(id);
      const after = apiClient(app, textIn(rotated, 'token'));
      expect((await after.get(SELF)).body).to.include({
        name: 'script',
        user_id: userId,
        expires_at: '2031-05-08',
        active: true,
      });
      expect(fieldOf(rotated, 'scopes')).to.deep.equal(fieldOf(before, 'scopes'));
      expect((await apiClient(app, secret).get(SELF)).status).to.equal(401);
      expect((await apiClient(app, secret).post(`${SELF}/rotate`)).status).to.equal(401);
    });

    it('for as many days as they were made for, however often', async () => {
      let { secret } = await newToken({ expires_at: '2031-05-08' });

      const ends: unknown[] = [];
      for (const day of ['2031-05-04', '2031-05-10']) {
        now = new Date(`${day}T18:00:00Z`);
        const rotated = await apiClient(app, secret).post(`${SELF}/rotate`);
        ends.push(fieldOf(rotated, 'expires_at'));
        secret = textIn(rotated, 'token');
      }

      expect(ends).to.deep.equal(['2031-05-11', '2031-05-17']);
    });

    it('for less when that is asked for, and never for more', async () => {
      const { secret } = await newToken({ expires_at: '2031-05-08' });

      const more = await apiClient(app, secret).post(`${SELF}/rotate`, {
        expires_at: '2031-05-09',
      });
      const past = await apiClient(app, secret).post(`${SELF}/rotate`, {
        expires_at: '2031-05-01',
      });
      const less = await apiClient(app, secret).post(`${SELF}/rotate`, {
        expires_at: '2031-05-02',
      });

      expect([more.status, past.status, less.status]).to.deep.equal([400, 400, 200]);
      expect(fieldOf(less, 'expires_at')).to.equal('2031-05-02');
    });

    // A token that leaked would give itself another one of its user that never ends.
    it('by another token of the same user for no longer than that one lasts', async () => {
      const endless = await newToken();
      const { secret } = await newToken({ expires_at: '2031-05-08' });

      const rotated = await apiClient(app, secret).post(
        `/personal_access_tokens/${endless.id}/rotate`,
      );

      expect(fieldOf(rotated, 'expires_at')).to.equal('2031-05-08');
    });

    it('by administrators for somebody else, with an end as before, and it is on record', async () => {
      const { id } = await newToken({ expires_at: '2031-05-08' });
      const admin = await newAdministrator(app);

      const rotated = await admin.post(`/personal_access_tokens/${id}/rotate`);
      const again = await admin.post(`/personal_access_tokens/${id}/rotate`);

      expect(rotated.body).to.include({ user_id: userId, expires_at: '2031-05-08' });
      expect(again.status).to.equal(404);
      const events = (await auditEventsOf(app.service.store, null)).filter(
        ({ action, subjectId }) =>
          action.startsWith('access_token_') && [id, idIn(rotated)].includes(Number(subjectId)),
      );
      expect(events.map(({ action, subjectId }) => [action, subjectId])).to.deep.equal([
        ['access_token_created', idIn(rotated)],
        ['access_token_revoked', id],
        ['access_token_created', id],
      ]);
    });

    it('unless they ended already', async () => {
      const login = await newAccessToken(
        app,
        (await newUser(app)).user,
        ['api'],
        new Date('2031-05-02T00:00:00Z'),
      );
      now = new Date('2031-05-02T00:00:00Z');

      const answer = await apiClient(app, login.secret).post(`${SELF}/rotate`);

      expect(answer.status).to.equal(401);
    });
  });
});
