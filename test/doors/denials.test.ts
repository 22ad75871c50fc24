import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { OPERATOR, type Actor } from '../../src/access/actor.js';
import { INSTANCE } from '../../src/access/deploy-token.js';
import type { Place } from '../../src/access/namespace.js';
import { trackDenials, type DeniedRequest } from '../../src/services/denial-tracker.js';
import {
  allDenials,
  denialsOfPlace,
  denialsOfToken,
  removeOldDenials,
  type SeenDenial,
} from '../../src/services/denials.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { ANONYMOUS } from '../../src/access/actor.js';
import { userWho } from '../support/build.js';
import { ask, basic, send } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import {
  newDeployToken,
  newMember,
  newNamespace,
  newProject,
  newProjectAndToken,
  type NewDeployToken,
} from './app-data.js';

const NOON = new Date('2031-05-01T12:00:00Z');
const FIRST = { limit: 100, start: { after: null }, total: false } as const;

function formatted(denials: readonly SeenDenial[]): string[] {
  return denials.map(
    ({ door, repository, actions, reason, count }) =>
      `${door} ${repository ?? '-'}:${actions.join(',')} ${reason} ${count}×`,
  );
}

/** The service writes by itself, some time after the answer. */
async function onceWritten<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (;;) {
    const found = await read();
    if (found.length > 0) {
      return found;
    }
    await pause(50);
  }
}

describe('what the doors refuse', () => {
  const app = withApp({ now: () => now });
  let now = NOON;

  beforeEach(() => {
    now = NOON;
  });

  function tracker(): ReturnType<typeof trackDenials> {
    return trackDenials({ store: app.service.store, now: () => now });
  }

  async function ofToken({ token }: NewDeployToken, reader: Actor = OPERATOR): Promise<string[]> {
    const owner = await ownerOf(token.owner.kind === 'project' ? token.owner.id : 0);
    return formatted((await denialsOfToken(app.service, reader, { token, owner }, FIRST)).items);
  }

  async function ownerOf(projectId: number): Promise<Place | typeof INSTANCE> {
    return (await app.service.store.projects.findById(projectId)) ?? INSTANCE;
  }

  async function ofPlace(place: Place, reader: Actor = OPERATOR): Promise<SeenDenial[]> {
    return [...(await denialsOfPlace(app.service, reader, place, FIRST)).items];
  }

  it('is told of a good token for the wrong project, on the token and in the project', async () => {
    const made = await newProjectAndToken(app);
    const other = await newProject(app);
    const scopes = [`repository:${other.path}/web:pull`];
    await ask(app.origin, 'GET', { login: made.login, scopes });

    const told = [`registry ${other.path}/web:pull other_project 1×`];
    expect(await onceWritten(async () => await ofToken(made))).to.deep.equal(told);
    expect(formatted(await ofPlace(other))).to.deep.equal(told);
  });

  it('is told of a token that has ended, and of git', async () => {
    const { project, ...made } = await newProjectAndToken(app);
    const deps = { store: app.service.store, now: () => now };
    await revokeDeployToken(deps, OPERATOR, made.token.id);
    const target = `/${project.path}.git/info/refs?service=git-upload-pack`;
    await send(app.origin, {
      method: 'GET',
      target,
      headers: { authorization: basic(made.login) },
    });
    await ask(app.origin, 'GET', { login: made.login, scopes: [] });

    await onceWritten(async () => await ofPlace(project));
    expect(formatted(await ofPlace(project))).to.deep.equal([`git ${project.path}: revoked 1×`]);
    expect(await ofToken(made)).to.have.members([
      `git ${project.path}: revoked 1×`,
      'registry -: revoked 1×',
    ]);
  });

  it('hides from a maintainer whether a project is hidden or missing', async () => {
    const { project, ...made } = await newProjectAndToken(app);
    const hidden = await newProject(app);
    const { user } = await newMember(app, project, 'maintainer');
    const roles = {
      projects: new Map([[project.id, 'maintainer'] as const]),
      namespaces: new Map(),
    };
    const maintainer = userWho(null, { user, roles });
    for (const path of [hidden.path, `${hidden.path}-missing`]) {
      await ask(app.origin, 'GET', { login: made.login, scopes: [`repository:${path}:pull`] });
    }

    await onceWritten(async () => await ofPlace(hidden));
    expect(await ofToken(made, maintainer)).to.have.members([
      `registry ${hidden.path}:pull not_in_reach 1×`,
      `registry ${hidden.path}-missing:pull not_in_reach 1×`,
    ]);
    expect(await ofToken(made)).to.have.members([
      `registry ${hidden.path}:pull other_project 1×`,
      `registry ${hidden.path}-missing:pull no_project 1×`,
    ]);
  });

  it('names a token from elsewhere only to who may see it', async () => {
    const { project } = await newProjectAndToken(app);
    const elsewhere = await newProjectAndToken(app);
    const { user } = await newMember(app, project, 'maintainer');
    const roles = {
      projects: new Map([[project.id, 'maintainer'] as const]),
      namespaces: new Map(),
    };
    await ask(app.origin, 'GET', {
      login: elsewhere.login,
      scopes: [`repository:${project.path}:pull`],
    });

    const [told] = await onceWritten(
      async () => await ofPlace(project, userWho(null, { user, roles })),
    );
    expect(told).to.deep.include({ deployToken: null, deployTokenId: elsewhere.token.id });
    expect((await ofPlace(project))[0]?.deployToken).to.deep.equal(elsewhere.token);
  });

  it('is told of the deploy tokens of a namespace', async () => {
    const namespace = await newNamespace(app);
    const made = await newDeployToken(app, namespace);
    await ask(app.origin, 'GET', { login: made.login, scopes: ['repository:elsewhere/x:pull'] });

    const found = await onceWritten(async () => await ofPlace(namespace));
    expect(formatted(found)).to.deep.equal(['registry elsewhere/x:pull no_project 1×']);
  });

  describe('is gathered', () => {
    const BY = {
      door: 'registry',
      clientAddress: '192.0.2.1',
      userAgent: 'containerd/1.7',
    } as const;

    function request(
      actor: Actor,
      name: string,
      { isGranted = false }: { readonly isGranted?: boolean } = {},
    ): DeniedRequest {
      return {
        ...BY,
        actor,
        repository: name,
        granted: isGranted ? [`repository:${name}:pull`] : [],
        refused: isGranted
          ? []
          : [{ type: 'repository', name, actions: ['pull'], reason: 'other_project' }],
        refusedCredentials: null,
      };
    }

    it('as one row, however often it happens, with the first and the last time', async () => {
      const made = await newProjectAndToken(app);
      const actor: Actor = { kind: 'deploy-token', token: made.token };
      const denials = tracker();
      for (let hour = 0; hour < 3; hour += 1) {
        now = new Date(NOON.getTime() + hour * 3_600_000);
        denials.observeRequest(request(actor, 'a/b'));
        denials.observeRequest(request(actor, 'a/b'));
        await denials.writeDue();
      }

      const { items } = await denialsOfToken(
        app.service,
        OPERATOR,
        { token: made.token, owner: made.project },
        FIRST,
      );
      expect(items).to.have.lengthOf(1);
      expect(items[0]).to.deep.include({ count: 6, firstAt: NOON, lastAt: now });
    });

    it('as the last fifty of a token, and five of all strangers in a project', async () => {
      const { project, token } = await newProjectAndToken(app);
      const denials = tracker();
      for (let index = 0; index < 120; index += 1) {
        now = new Date(NOON.getTime() + index * 1000);
        denials.observeRequest(request({ kind: 'deploy-token', token }, `a/b${index}`));
        denials.observeRequest(request(ANONYMOUS, `${project.path}/x${index}`));
        if (index % 20 === 19) {
          await denials.writeDue();
        }
      }

      const told = await ofToken({ token, login: { username: '', secret: '' } });
      expect(told).to.have.lengthOf(50);
      expect(told[0]).to.equal('registry a/b119:pull other_project 1×');
      expect(await ofPlace(project)).to.have.lengthOf(5);
    });

    it('within bounds, whoever asks for whatever, while the database is away', async () => {
      const { token } = await newProjectAndToken(app);
      let isAway = true;
      const denials = trackDenials({
        store: {
          async write(work) {
            if (isAway) {
              throw new Error('away');
            }
            return await app.service.store.write(work);
          },
        },
        now: () => now,
      });
      for (let round = 0; round < 3; round += 1) {
        for (let index = 0; index < 200; index += 1) {
          denials.observeRequest(request({ kind: 'deploy-token', token }, `a/r${round}-${index}`));
        }
        await denials.writeDue().catch(() => undefined);
      }
      isAway = false;
      await denials.writeDue();

      expect(await ofToken({ token, login: { username: '', secret: '' } })).to.have.lengthOf(50);
    });

    it('as no trouble where another credential of the same address got it within a minute', async () => {
      const { project, token } = await newProjectAndToken(app);
      const right = await newDeployToken(app, project);
      const denials = tracker();
      const actor: Actor = { kind: 'deploy-token', token };
      denials.observeRequest(request(actor, 'a/ours'));
      await denials.writeDue();
      denials.observeRequest(
        request({ kind: 'deploy-token', token: right.token }, 'a/ours', { isGranted: true }),
      );
      denials.observeRequest(request(actor, 'a/theirs'));
      denials.observeRequest(request(actor, 'a/theirs', { isGranted: true }));
      await denials.writeDue();

      const owner = project;
      const { items } = await denialsOfToken(app.service, OPERATOR, { token, owner }, FIRST);
      expect(
        items.map(({ repository, count, grantedElsewhereAt }) => [
          repository,
          count,
          grantedElsewhereAt,
        ]),
      ).to.have.deep.members([
        ['a/ours', 1, NOON],
        ['a/theirs', 1, null],
      ]);
    });

    it('and forgotten after ninety days', async () => {
      const { project, token } = await newProjectAndToken(app);
      const denials = tracker();
      denials.observeRequest(request({ kind: 'deploy-token', token }, `${project.path}/old`));
      await denials.writeDue();
      const days = 24 * 3_600_000;
      const { store } = app.service;

      await removeOldDenials({ store, now: () => new Date(NOON.getTime() + 90 * days) });
      expect(await ofPlace(project)).to.have.lengthOf(1);
      await removeOldDenials({ store, now: () => new Date(NOON.getTime() + 90 * days + 1) });
      expect(await ofPlace(project)).to.deep.equal([]);
    });

    it('for administrators once each, by the name of the repository', async () => {
      const { project, token } = await newProjectAndToken(app);
      const denials = tracker();
      denials.observeRequest(request({ kind: 'deploy-token', token }, `${project.path}/needle_1`));
      denials.observeRequest(request(ANONYMOUS, `${project.path}/needle_2`));
      await denials.writeDue();

      const { items } = await allDenials(app.service, OPERATOR, 'NEEDLE_', FIRST);
      expect(items.map(({ repository }) => repository)).to.have.members([
        `${project.path}/needle_1`,
        `${project.path}/needle_2`,
      ]);
    });
  });
});
