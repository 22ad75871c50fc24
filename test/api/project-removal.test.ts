import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import { OPERATOR } from '../../src/access/actor.js';
import { addImagePrefix } from '../../src/services/image-prefixes.js';
import { newMember, newProject } from '../doors/app-data.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { answerJson, holding, startStandIn, type Holds } from '../support/stand-in-registry.js';
import type { StandInRegistry } from '../support/stand-in-registry.js';
import {
  clientOf,
  encoded,
  textIn,
  newAdministrator,
  NO_PROJECT,
  type ApiClient,
} from './api-client.js';

describe('a project that is removed with its path', () => {
  let registry: StandInRegistry;
  let holds: Holds | null = {};
  let app: TestApp;
  let project: Project;

  before(async () => {
    registry = await startStandIn(async (request, response) => {
      await (holds === null ? answerJson(response, {}, 503) : holding(holds)(request, response));
    });
    app = await startApp({ env: { PULLGATE_REGISTRY_URL: registry.url } });
  });

  after(async () => {
    await app.stop();
    await registry.stop();
  });

  beforeEach(async () => {
    project = await newProject(app);
    holds = { other: {} };
  });

  async function member(role: 'owner' | 'maintainer'): Promise<ApiClient> {
    return await clientOf(app, (await newMember(app, project, role)).user);
  }

  /** Somebody else's, of the same path. */
  async function madeAgain(): Promise<number> {
    const admin = await newAdministrator(app);
    return (await admin.post('/projects', { path: project.path })).status;
  }

  it('stays reserved unless that is asked for', async () => {
    const owner = await member('owner');

    const answer = await owner.delete(`/projects/${project.id}`);

    expect([answer.status, await madeAgain()]).to.deep.equal([202, 400]);
  });

  it('is free for another one at once, when an owner removes it and the registry is empty there', async () => {
    const owner = await member('owner');
    holds = { [`${project.path}-other`]: { '1': null }, [`${project.path}.x/y`]: { '1': null } };

    const answer = await owner.delete(forGood(project));

    expect([answer.status, await madeAgain()]).to.deep.equal([202, 201]);
  });

  // The next owner of the path would pull them.
  for (const [what, name] of [
    ['at its path', ''],
    ['at its path, without a tag', ''],
    ['below its path', '/api/v1'],
  ] as const) {
    it(`is left as it was while the registry holds an image ${what}`, async () => {
      const owner = await member('owner');
      holds = { [project.path + name]: what.includes('without') ? {} : { latest: null } };

      const answer = await owner.delete(forGood(project));

      expect(answer.status).to.equal(409);
      expect(textIn(answer, 'message')).to.contain(`images of ${project.path}`);
      expect((await owner.get(`/projects/${project.id}`)).status).to.equal(200);
    });
  }

  it('and so it is for images of its other prefixes', async () => {
    const owner = await member('owner');
    const prefix = `prefix-${project.id}`;
    await addImagePrefix({ ...app.service, now: () => new Date() }, OPERATOR, project, prefix);
    holds = { [`${prefix}/old`]: { latest: null } };

    const answer = await owner.delete(forGood(project));

    expect([answer.status, await madeAgain()]).to.deep.equal([409, 400]);
  });

  it('is left as it was when the registry cannot say', async () => {
    const owner = await member('owner');
    holds = null;

    const answer = await owner.delete(forGood(project));

    expect(answer.status).to.equal(503);
    expect((await owner.get(`/projects/${project.id}`)).status).to.equal(200);
  });

  it('is for owners and administrators, who need not ask the registry', async () => {
    const maintainer = await member('maintainer');
    holds = { [project.path]: { latest: null } };
    const admin = await newAdministrator(app);

    const refused = await maintainer.delete(forGood(project));
    const removed = await admin.delete(forGood(project));

    expect([refused.status, removed.status, await madeAgain()]).to.deep.equal([403, 202, 201]);
  });

  it('is named in full, so that nothing else is removed by mistake', async () => {
    const admin = await newAdministrator(app);
    const here = `/projects/${project.id}?permanently_remove=true`;

    const without = await admin.delete(here);
    const other = await admin.delete(`${here}&full_path=${encoded(`${project.path}x`)}`);

    expect([without.status, other.status]).to.deep.equal([400, 400]);
    expect((await admin.get(`/projects/${project.id}`)).status).to.equal(200);
  });

  it('is freed by administrators in a second step too, as GitLab 18 is asked to', async () => {
    const owner = await member('owner');
    const admin = await newAdministrator(app);
    await admin.delete(`/projects/${project.id}`);

    const byOwner = await owner.delete(forGood(project));
    const ofAnother = await admin.delete(forGood({ ...project, id: project.id + 1 }));
    const byAdmin = await admin.delete(forGood(project));
    const again = await admin.delete(forGood(project));

    expect([byOwner.status, ofAnother.status, byAdmin.status, again.status]).to.deep.equal([
      404, 404, 202, 404,
    ]);
    expect(again.body).to.deep.equal(NO_PROJECT);
    expect(await madeAgain()).to.equal(201);
  });
});

function forGood({ id, path }: Project): string {
  return `/projects/${id}?permanently_remove=true&full_path=${encoded(path)}`;
}
