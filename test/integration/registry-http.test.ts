import { expect } from 'chai';
import { z } from 'zod';
import { OPERATOR } from '../../src/access/actor.js';
import { pushImage, type Image } from '../../src/quickstart/demo-image.js';
import { createDeployToken } from '../../src/services/deploy-tokens.js';
import { findProjectByPath } from '../../src/services/projects.js';
import { aTinyImage } from '../support/image.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { startInstallation, type Installation } from '../support/installation.js';
import {
  askByGet,
  decodeAccess,
  repository,
  send,
  type Answer,
  type Login,
} from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const OTHER = 'kitsune/private';
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const REVOCATIONS = 20;
const Catalogue = z.object({ repositories: z.array(z.string()) });

describeWithEachRegistry('a stock registry, asked by plain HTTP', (stock) => {
  let installation: Installation;
  let admin: Login;
  let developer: Login;
  let token: Login;
  const image = aTinyImage('mine');
  const othersImage = aTinyImage('theirs');
  const [layer] = image.layers;
  const [othersLayer] = othersImage.layers;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    await Promise.all([installation.addProject(PROJECT), installation.addProject(OTHER)]);
    admin = await installation.addUser('root', 'admin');
    developer = await installation.addMemberWithToken('ada', PROJECT, 'developer');
    token = await installation.addDeployToken(PROJECT);
    await push(PROJECT, developer, image);
    await push(`${PROJECT}/api`, developer, image);
    await push(OTHER, admin, othersImage);
  });

  after(async () => {
    await installation.stop();
  });

  async function push(name: string, login: Login, pushed: Image): Promise<string> {
    return await pushImage({
      registry: `http://${installation.host}`,
      repository: name,
      tag: '1',
      image: pushed,
      token: async (scope) => await installation.jwt(login, scope),
    });
  }

  /** Asks the registry with a JWT for just these scopes. */
  async function ask(
    login: Login | null,
    scopes: readonly string[],
    [method, path]: readonly [string, string],
  ): Promise<Answer> {
    return await askWith(await installation.jwt(login, ...scopes), [method, path]);
  }

  async function askWith(jwt: string, [method, path]: readonly [string, string]): Promise<Answer> {
    return await send(`http://${installation.host}`, {
      method,
      target: `/v2/${path}`,
      headers: {
        authorization: `Bearer ${jwt}`,
        accept: MANIFEST,
        ...(method === 'PUT' ? { 'content-type': MANIFEST } : {}),
      },
      body: method === 'PUT' ? Buffer.from(image.manifest.bytes) : '',
    });
  }

  async function mayPush(login: Login, name: string): Promise<boolean> {
    const begun = await ask(login, [`repository:${name}:pull,push`], uploadTo(name));
    return begun.status === 202;
  }

  async function mayPull(login: Login, name: string): Promise<boolean> {
    const answer = await ask(login, [`repository:${name}:pull`], ['GET', `${name}/manifests/1`]);
    return answer.status === 200;
  }

  async function tokenEndpointStatus(login: Login): Promise<number> {
    const scopes = [`repository:${PROJECT}:pull`];
    return (await askByGet(installation.origin, { login, scopes })).status;
  }

  it('is asked what lies at and below a project before an owner gives the path of it back', async () => {
    const images = {
      'ends/at': ['ends/at'],
      'ends/below': ['ends/below/deep/down'],
      'ends/empty': ['ends/empty-x', 'ends/empty.y/z'],
    };
    const projects = [...Object.keys(images), 'ends/empty-x', 'ends/empty.y'];
    for (const project of projects) {
      await installation.addProject(project);
    }
    for (const name of Object.values(images).flat()) {
      await push(name, admin, image);
    }
    const owner = await installation.addUser('emil');
    await installation.restartService({ PULLGATE_REGISTRY_URL: `http://${installation.host}` });

    const answers = [];
    for (const project of Object.keys(images)) {
      await installation.addMember(project, owner, 'owner');
      const key = encodeURIComponent(project);
      const { secret } = await installation.addAccessToken(owner, 'api');
      const answer = await send(installation.origin, {
        method: 'DELETE',
        target: `/api/v4/projects/${key}?permanently_remove=true&full_path=${key}`,
        headers: { 'private-token': secret },
      });
      answers.push(answer.status);
    }

    expect(answers).to.deep.equal([409, 409, 202]);
  });

  it('gives a deploy token the manifest and the blobs of its project, byte for byte', async () => {
    const scopes = [`repository:${PROJECT}:pull`];

    const manifest = await ask(token, scopes, ['GET', `${PROJECT}/manifests/1`]);
    const config = await ask(token, scopes, ['GET', `${PROJECT}/blobs/${image.config.digest}`]);

    expect([manifest.status, config.status]).to.deep.equal([200, 200]);
    expect(manifest.headers['docker-content-digest']).to.equal(image.manifest.digest);
    expect(manifest.text).to.equal(Buffer.from(image.manifest.bytes).toString());
    expect(config.text).to.equal(Buffer.from(image.config.bytes).toString());
  });

  for (const [what, request] of [
    ['to begin an upload', uploadTo(PROJECT)],
    ['to put a manifest under a new tag', ['PUT', `${PROJECT}/manifests/2`]],
    ['to overwrite a tag', ['PUT', `${PROJECT}/manifests/1`]],
    ['to delete a manifest', ['DELETE', `${PROJECT}/manifests/${image.manifest.digest}`]],
    ['to delete a blob', ['DELETE', `${PROJECT}/blobs/${image.config.digest}`]],
    ['the catalogue', ['GET', '_catalog']],
    ['the manifest of another project', ['GET', `${OTHER}/manifests/1`]],
    ['the tags of another project', ['GET', `${OTHER}/tags/list`]],
  ] as const) {
    it(`refuses a deploy token ${what}, whatever it asks the token endpoint for`, async () => {
      const everything = [
        `repository:${PROJECT}:pull,push,delete,*`,
        `repository:${OTHER}:pull,push,delete,*`,
        'registry:catalog:*',
      ];

      const answer = await ask(token, everything, request);

      expect(answer.status).to.equal(401);
      expect(answer.headers['www-authenticate']).to.contain('insufficient_scope');
    });
  }

  // A push may say: take this layer from that other repository, it is there already. Somebody who
  // may push to one project would copy the layers of another without ever being let in to read it.
  // The mount needs pull on its source, and each scope is judged by itself.
  it('refuses to mount a layer from a project that one may not read', async () => {
    const scopes = [`repository:${PROJECT}:pull,push`, `repository:${OTHER}:pull`];
    const query = `mount=${othersLayer?.digest}&from=${OTHER}`;

    const byToken = await ask(token, scopes, uploadTo(PROJECT, query));
    const byDeveloper = await ask(developer, scopes, uploadTo(PROJECT, query));

    expect([byToken.status, byDeveloper.status]).to.deep.equal([401, 401]);
  });

  it('mounts a layer for somebody who may read the one project and push to the other', async () => {
    const scopes = [`repository:${PROJECT}/mounted:pull,push`, `repository:${PROJECT}:pull`];
    const query = `mount=${layer?.digest}&from=${PROJECT}`;

    const mounted = await ask(developer, scopes, uploadTo(`${PROJECT}/mounted`, query));

    expect(mounted.status).to.equal(201);
  });

  it('takes a JWT for nothing but the repository that it was asked for', async () => {
    const jwt = await installation.jwt(token, `repository:${PROJECT}:pull`);

    const own = await askWith(jwt, ['GET', `${PROJECT}/manifests/1`]);
    const below = await askWith(jwt, ['GET', `${PROJECT}/api/manifests/1`]);

    expect([own.status, below.status]).to.deep.equal([200, 401]);
  });

  it('refuses a JWT whose access was widened after it was signed', async () => {
    const jwt = await installation.jwt(token, `repository:${PROJECT}:pull`);
    const [header = '', claims = '', signature = ''] = jwt.split('.');
    const widened = Buffer.from(claims, 'base64url').toString().replace(PROJECT, OTHER);
    const forged = [header, Buffer.from(widened).toString('base64url'), signature].join('.');

    const answer = await askWith(forged, ['GET', `${OTHER}/manifests/1`]);

    expect(widened).to.contain(OTHER);
    expect(answer.status).to.equal(401);
  });

  it('lets an administrator list the catalogue, and no maintainer', async () => {
    const maintainer = await installation.addMemberWithToken('mei', PROJECT, 'maintainer');

    const toAdmin = await ask(admin, ['registry:catalog:*'], ['GET', '_catalog']);
    const toMaintainer = await ask(maintainer, ['registry:catalog:*'], ['GET', '_catalog']);

    expect(toAdmin.status).to.equal(200);
    const { repositories } = Catalogue.parse(toAdmin.body);
    expect(repositories).to.include.members([OTHER, PROJECT, `${PROJECT}/api`]);
    expect(toMaintainer.status).to.equal(401);
  });

  it(`refuses a token in the very next request after its revocation, ${REVOCATIONS} times of ${REVOCATIONS}`, async () => {
    const logins = await installation.withStore(async (store) => {
      const project = await findProjectByPath({ store }, PROJECT);
      const deps = { store, now: () => new Date(), tokenPrefix: 'gldt-' };
      const input = { name: 'short', scopes: ['read_registry'], expiresAt: null } as const;
      return await Promise.all(
        Array.from({ length: REVOCATIONS }, async () => {
          const made = await createDeployToken(deps, OPERATOR, project, {
            ...input,
            username: null,
          });
          const { id, username } = made.token;
          return { id, username, secret: made.secret.reveal() };
        }),
      );
    });

    const statuses: [before: number, after: number][] = [];
    for (const login of logins) {
      const before = await tokenEndpointStatus(login);
      await installation.done('deploy-token', 'revoke', String(login.id));
      statuses.push([before, await tokenEndpointStatus(login)]);
    }

    expect(statuses).to.deep.equal(logins.map(() => [200, 401]));
  });

  it('lets nobody push to an archived project, and its deploy token still pull', async () => {
    const archived = 'tanuki/finished';
    await installation.addProject(archived);
    await push(archived, admin, image);
    const itsToken = await installation.addDeployToken(archived);

    await installation.done('project', 'archive', archived);

    expect(await mayPush(admin, archived)).to.equal(false);
    expect(await mayPull(itsToken, archived)).to.equal(true);
    await installation.done('project', 'unarchive', archived);
    expect(await mayPush(admin, archived)).to.equal(true);
  });

  // The registry keeps the images of a removed project under its name. Whoever makes a project of
  // the same path next would own them, and read what was never meant for them (CVE-2019-12825). The
  // path stays reserved until an operator frees it.
  it('lets the tokens of a project die with it, and keeps its path from a next owner', async () => {
    const removed = 'tanuki/removed';
    await installation.addProject(removed);
    await push(removed, admin, image);
    const itsToken = await installation.addDeployToken(removed);
    const itsOwner = await installation.addMemberWithToken('bereft', removed, 'owner');

    await installation.done('project', 'remove', removed);

    expect(await tokenEndpointStatus(itsToken)).to.equal(401);
    expect(await mayPull(itsOwner, removed)).to.equal(false);
    // Its images belong to nobody now, and so to administrators.
    expect(await mayPull(admin, removed)).to.equal(true);
    const again = await installation.cli(['project', 'create', removed]);
    expect(again.code).to.equal(1);
    expect(again.stderr).to.contain('reserved');
  });

  it('grants no push from the next request on to whom was a member', async () => {
    const leaving = await installation.addMemberWithToken('leaving', PROJECT, 'developer');
    const couldPush = await mayPush(leaving, PROJECT);

    await installation.done('member', 'remove', PROJECT, leaving.username);

    const scopes = [`repository:${PROJECT}:pull,push`];
    expect(couldPush).to.equal(true);
    expect(decodeAccess(await installation.jwt(leaving, ...scopes))).to.deep.equal([]);
    expect(await mayPush(leaving, PROJECT)).to.equal(false);
  });

  it('narrows a member who is a reporter from now on to pull', async () => {
    const member = await installation.addMemberWithToken('narrowed', PROJECT, 'developer');

    await installation.addMember(PROJECT, member, 'reporter');

    const jwt = await installation.jwt(member, `repository:${PROJECT}:pull,push`);
    expect(decodeAccess(jwt)).to.deep.equal([repository(PROJECT, 'pull')]);
  });

  it('refuses every credential of a blocked user, until they are unblocked', async () => {
    const user = await installation.addUser('blocked');
    await installation.addMember(PROJECT, user, 'developer');
    const accessToken = await installation.addAccessToken(user, 'api');
    async function statuses(): Promise<number[]> {
      return [await tokenEndpointStatus(user), await tokenEndpointStatus(accessToken)];
    }

    const before = await statuses();
    await installation.done('user', 'block', user.username);
    const blocked = await statuses();
    await installation.done('user', 'unblock', user.username);
    const after = await statuses();

    expect([before, blocked, after]).to.deep.equal([
      [200, 200],
      [401, 401],
      [200, 200],
    ]);
  });
});

function uploadTo(name: string, query = ''): readonly [string, string] {
  return ['POST', `${name}/blobs/uploads/${query === '' ? '' : `?${query}`}`];
}
