import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { OPERATOR } from '../../src/access/actor.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { removeMember } from '../../src/services/members.js';
import { setBlocked } from '../../src/services/users.js';
import { newDeployToken, newMember, newUser, type NewUser } from '../doors/app-data.js';
import { holdRequest } from '../support/held-request.js';
import type { TestApp } from '../support/start-app.js';
import { basic, send, type Answer, type Login } from '../support/token-client.js';
import { codeToken, emptyProject, eventually, type StoredProject } from './git-data.js';
import { batch, isStored, oidOf, putOf, startLfsApp } from './lfs-data.js';

const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * KILOBYTE;
const QUOTA = 8 * MEGABYTE;
const LARGEST = 5 * MEGABYTE;

const Objects = z.object({
  objects: z.array(
    z.object({
      actions: z.record(z.string(), z.object({ href: z.string() })).optional(),
      error: z.object({ code: z.int(), message: z.string() }).optional(),
    }),
  ),
});

describe('Git LFS under attack', () => {
  let app: TestApp;
  let stored: StoredProject;
  let developer: NewUser;

  before(async () => {
    app = await startLfsApp({
      PULLGATE_GIT_MAX_LFS_OBJECT_BYTES: String(LARGEST),
      PULLGATE_QUOTAS_LFS_BYTES_PER_PROJECT: String(QUOTA),
      PULLGATE_GIT_IDLE_SECONDS: '1',
    });
  });

  after(async () => {
    await app.stop();
  });

  beforeEach(async () => {
    stored = await emptyProject(app);
    developer = await newMember(app, stored.project, 'developer');
  });

  async function put(content: Buffer, oid?: string, login = developer.login): Promise<Answer> {
    return await send(app.origin, putOf(stored, login, content, oid));
  }

  async function get(oid: string, login: Login | null, range?: string): Promise<Answer> {
    return await send(app.origin, {
      method: 'GET',
      target: `/${stored.project.path}.git/info/lfs/objects/${oid}`,
      headers: {
        ...(login !== null && { authorization: basic(login) }),
        ...(range !== undefined && { range }),
      },
    });
  }

  /** What uploads have left beside the objects. */
  async function incoming(): Promise<string[]> {
    return await readdir(join(stored.repository, 'lfs', 'incoming')).catch(() => []);
  }

  async function reservedBytes(): Promise<number> {
    const all = { id: '', projectId: stored.project.id };
    return await app.service.store.lfs.reservedByOthers(all, new Date(0));
  }

  async function storedBytes(): Promise<number> {
    return await app.service.store.lfs.storedBytes(stored.project.id);
  }

  // An object is fetched by the digest that a pointer file names, by whoever clones. The attack: send
  // something else under that name, so that everybody's clone gets it in its place. The bytes are hashed
  // while they arrive, and only what has the digest is placed.
  it('takes nothing that is not what its name says', async () => {
    const other = oidOf(Buffer.from('other'));

    const answer = await put(Buffer.from('something'), other);

    expect(answer.status).to.equal(422);
    expect(isStored(stored, other)).to.equal(false);
    expect(await incoming()).to.deep.equal([]);
    expect(await storedBytes()).to.equal(0);
  });

  it('takes nothing larger than it may be', async () => {
    const content = randomBytes(LARGEST + 1);

    expect((await put(content)).status).to.equal(413);
    expect(await incoming()).to.deep.equal([]);
  });

  // The attack: the size in the batch, or none at all, says little of what then is sent.
  it('counts what arrives against the quota, without a length that was announced', async () => {
    await put(randomBytes(LARGEST));
    const content = randomBytes(LARGEST - 1);

    const status = await new Promise<number | undefined>((resolve) => {
      const request = chunked(content, (answer) => {
        resolve(answer);
      });
      request.on('error', () => {
        resolve(undefined);
      });
    });

    expect(status).to.be.oneOf([413, undefined]);
    expect(isStored(stored, oidOf(content))).to.equal(false);
    expect(await storedBytes()).to.equal(LARGEST);
    expect(await incoming()).to.deep.equal([]);
  });

  function chunked(content: Buffer, answered: (status: number | undefined) => void): ClientRequest {
    const { method, target, headers } = putOf(stored, developer.login, content);
    const { hostname, port } = new URL(app.origin);
    const options = { host: hostname, port, method, path: target, headers, agent: false };
    const request = httpRequest(options, (response) => {
      response.resume();
      answered(response.statusCode);
    });
    for (let at = 0; at < content.length; at += MEGABYTE) {
      request.write(content.subarray(at, at + MEGABYTE));
    }
    return request.end();
  }

  // The attack: ten at once, each of which has room alone.
  it('lets uploads at the same time not exceed the quota together', async () => {
    const contents = Array.from({ length: 10 }, () => randomBytes(2 * MEGABYTE));

    const answers = await Promise.all(
      contents.map(async (content) => (await put(content).catch(() => null))?.status ?? 0),
    );

    const placed = contents.filter((content) => isStored(stored, oidOf(content))).length;
    expect(answers.filter((status) => status === 200)).to.have.lengthOf(placed);
    expect(placed).to.be.within(1, QUOTA / (2 * MEGABYTE));
    expect(await storedBytes()).to.equal(placed * 2 * MEGABYTE);
  });

  it('counts an object once that is sent twice', async () => {
    const content = randomBytes(MEGABYTE);

    const answers = await Promise.all([put(content), put(content)]);

    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200]);
    expect(await storedBytes()).to.equal(MEGABYTE);
  });

  it('tells in the batch what cannot succeed, before anything is sent', async () => {
    const objects = [LARGEST + 1, LARGEST, LARGEST].map((size) => ({
      oid: oidOf(randomBytes(8)),
      size,
    }));

    const answer = await batch(app, stored.project.path, developer.login, {
      operation: 'upload',
      objects,
    });

    const codes = Objects.parse(JSON.parse(answer.text)).objects.map(({ error }) => error?.code);
    expect(codes).to.deep.equal([413, undefined, 507]);
  });

  const revocations: Readonly<Record<string, () => Promise<unknown>>> = {
    'whose user is blocked': async () =>
      await setBlocked(deps(), OPERATOR, developer.user, 'blocked'),
    'whose member is removed': async () => {
      await removeMember(deps(), OPERATOR, stored.project, developer.user);
    },
  };
  // The attack: an upload is sent but for its last bytes, and the rest once it may no longer.
  for (const [who, revoke] of Object.entries(revocations)) {
    it(`takes nothing of an upload ${who} meanwhile`, async () => {
      const content = randomBytes(100 * KILOBYTE);
      const held = await holdRequest(app.origin, putOf(stored, developer.login, content));

      await revoke();
      const { status } = await held.finish();

      expect(status).to.be.oneOf([401, 403, 404]);
      expect(isStored(stored, oidOf(content))).to.equal(false);
      expect(await incoming()).to.deep.equal([]);
    });
  }

  function deps(): { store: typeof app.service.store; now: () => Date } {
    return { store: app.service.store, now: () => new Date() };
  }

  it('ends an upload that is hardly sent, and keeps nothing of it', async () => {
    const content = randomBytes(100 * KILOBYTE);
    const held = await holdRequest(app.origin, putOf(stored, developer.login, content));

    const { status } = await held.answer;

    expect(status).to.equal(422);
    expect(await incoming()).to.deep.equal([]);
  });

  it('keeps nothing of an upload whose client hangs up', async () => {
    const content = randomBytes(3 * MEGABYTE);
    const { method, target, headers } = putOf(stored, developer.login, content);
    const { hostname, port } = new URL(app.origin);
    const request = httpRequest({
      host: hostname,
      port,
      method,
      path: target,
      headers: { ...headers, 'content-length': content.length },
    });
    request.on('error', () => undefined);
    request.write(content.subarray(0, -10));
    await eventually(async () => ((await incoming()).length > 0 ? 'begun' : null));

    request.destroy();
    await eventually(async () => ((await incoming()).length === 0 ? 'gone' : null));
    await eventually(async () => ((await reservedBytes()) === 0 ? 'given back' : null));
  });

  it('takes uploads from nobody who may not push', async () => {
    const content = Buffer.from('content');
    const logins = [
      [null, 401],
      [await codeToken(app, stored.project), 403],
      [(await newMember(app, stored.project, 'reporter')).login, 403],
      [(await newUser(app)).login, 404],
    ] as const;

    for (const [login, expected] of logins) {
      const { status, headers } = await send(app.origin, putOf(stored, login, content));
      expect(status).to.equal(expected);
      expect(headers['content-type']).to.contain('application/vnd.git-lfs+json');
    }
    expect(isStored(stored, oidOf(content))).to.equal(false);
  });

  it('gives objects to nobody who may not clone, and tells hidden from missing to nobody', async () => {
    const content = Buffer.from('content');
    const oid = oidOf(content);
    await put(content);
    const other = await emptyProject(app);
    const foreign = await codeToken(app, other.project);
    const noScope = await codeToken(app, stored.project, ['read_registry']);
    const { token, login: revoked } = await newDeployToken(app, stored.project, {
      scopes: ['read_repository'],
    });
    await revokeDeployToken(deps(), OPERATOR, token.id);

    const statuses: number[] = [];
    for (const login of [null, foreign, noScope, revoked]) {
      statuses.push((await get(oid, login)).status);
    }
    const hidden = await get(oid, foreign);
    const body = { operation: 'download', objects: [{ oid, size: content.length }] };
    const hiddenBatch = await batch(app, stored.project.path, foreign, body);
    const missingBatch = await batch(app, 'no/project', foreign, body);

    expect(statuses).to.deep.equal([401, 404, 403, 401]);
    expect(hidden.text).not.to.contain('content');
    expect([hiddenBatch.status, hiddenBatch.text]).to.deep.equal([
      missingBatch.status,
      missingBatch.text,
    ]);
  });

  it('gives no object of another project, even to who knows its name', async () => {
    const content = Buffer.from('content');
    await put(content);
    const other = await emptyProject(app);
    const login = await codeToken(app, other.project);
    const object = { oid: oidOf(content), size: content.length };

    const answer = await batch(app, other.project.path, login, {
      operation: 'download',
      objects: [object],
    });

    expect(Objects.parse(JSON.parse(answer.text)).objects[0]?.error?.code).to.equal(404);
  });

  it('asks for credentials as git-lfs wants it', async () => {
    const body = { operation: 'download', objects: [] };

    const { status, headers } = await batch(app, stored.project.path, null, body);

    expect(status).to.equal(401);
    expect(headers['lfs-authenticate']).to.match(/^Basic /);
    expect(headers['www-authenticate']).to.match(/^Basic /);
  });

  it('gives the part of an object that was asked for', async () => {
    const content = randomBytes(1000);
    const oid = oidOf(content);
    await put(content);
    const login = await codeToken(app, stored.project);

    const parts: Record<string, readonly unknown[]> = {};
    for (const range of ['bytes=900-', 'bytes=0-9', 'bytes=990-2000', 'bytes=1000-', 'bytes=-5']) {
      const { status, headers } = await get(oid, login, range);
      parts[range] = [status, headers['content-range'], headers['content-length']];
    }

    expect(parts).to.deep.equal({
      'bytes=900-': [206, 'bytes 900-999/1000', '100'],
      'bytes=0-9': [206, 'bytes 0-9/1000', '10'],
      'bytes=990-2000': [206, 'bytes 990-999/1000', '10'],
      'bytes=1000-': [416, 'bytes */1000', '40'],
      'bytes=-5': [200, undefined, '1000'],
    });
  });

  const malformed: Readonly<Record<string, string>> = {
    'no JSON': '{',
    'another operation': JSON.stringify({ operation: 'delete', objects: [] }),
    'a path for a name': JSON.stringify({
      operation: 'download',
      objects: [{ oid: '../../../etc/passwd', size: 1 }],
    }),
    'a negative size': JSON.stringify({
      operation: 'upload',
      objects: [{ oid: oidOf(Buffer.from('')), size: -1 }],
    }),
    'another digest': JSON.stringify({ operation: 'download', hash_algo: 'md5', objects: [] }),
  };
  for (const [what, body] of Object.entries(malformed)) {
    it(`refuses a batch with ${what}`, async () => {
      const { status } = await send(app.origin, {
        method: 'POST',
        target: `/${stored.project.path}.git/info/lfs/objects/batch`,
        headers: { authorization: basic(developer.login) },
        body,
      });

      expect(status).to.equal(422);
    });
  }
});
