import { expect } from 'chai';
import { z } from 'zod';
import { pushTinyImage } from '../support/image.js';
import { startInstallation, type Installation } from '../support/installation.js';
import type { Login } from '../support/token-client.js';

const REPOSITORIES = 300;
/** Images that were pushed before anybody knew of projects. */
const NAMES = Array.from({ length: REPOSITORIES - 6 }, (_, index) => {
  const deep = index % 3 === 0 ? '/tool' : '';
  return `team-${index % 20}/app-${index}${deep}`;
});
const ODD = ['postgres', 'api/v1', 'grace/notes', 'team-0/removed/x', 'team-0', 'library/a/b/c'];
const WALK_MS = 60_000;

const Import = z.object({
  dry_run: z.boolean(),
  namespaces: z.array(z.string()),
  projects: z.array(z.object({ path: z.string(), repositories: z.array(z.string()) })),
  unowned: z.array(z.object({ name: z.string(), reason: z.string(), why: z.string() })),
});
type Import = z.infer<typeof Import>;
const List = z.array(z.object({ repository: z.string(), project: z.string().nullable() }));

describe('a registry that was there before Pullgate', () => {
  let installation: Installation;
  let admin: Login;

  before(async () => {
    // Nobody answers there.
    installation = await startInstallation({
      env: { PULLGATE_REGISTRY_URL: 'http://127.0.0.1:1' },
    });
    admin = await installation.addUser('root', 'admin');
    await installation.addUser('grace');
    await installation.done('project', 'create', 'team-0/removed');
    await installation.done('project', 'remove', 'team-0/removed');
    for (const repository of [...NAMES, ...ODD]) {
      await pushTinyImage({
        registry: `http://${installation.host}`,
        repository,
        tag: '1',
        token: async (scope) => await installation.jwt(admin, scope),
      });
    }
  });

  after(async () => {
    await installation?.stop();
  });

  async function run(...flags: readonly string[]): Promise<Import> {
    const printed = await installation.done('registry', 'import', '--json', ...flags);
    return Import.parse(JSON.parse(printed));
  }

  async function listed(...flags: readonly string[]): Promise<z.infer<typeof List>> {
    const printed = await installation.done('registry', 'list', '--json', ...flags);
    return List.parse(JSON.parse(printed));
  }

  it('is not imported before it is known', async () => {
    const { code, output } = await installation.cli(['registry', 'import', '--dry-run']);

    expect(code).to.equal(1);
    expect(output).to.include('It is not known yet what the registry holds.');
  });

  it(`is walked by the service, which finds all ${REPOSITORIES} repositories`, async () => {
    await installation.restartService({
      PULLGATE_REGISTRY_URL: `http://${installation.host}`,
      PULLGATE_LOG_LEVEL: 'info',
    });
    await walked(installation);

    const found = await listed();

    expect(found.map(({ repository }) => repository)).to.have.members([...NAMES, ...ODD]);
    expect(await listed('--unowned')).to.deep.equal(found);
  });

  it('is imported as --dry-run says, and a second time nothing changes', async () => {
    const planned = await run('--dry-run');
    const untouched = await listed('--unowned');

    const done = await run();
    const again = await run();

    expect(untouched).to.have.lengthOf(REPOSITORIES);
    expect(done).to.deep.equal({ ...planned, dry_run: false });
    expect(done.projects).to.have.lengthOf(NAMES.length + 1);
    expect(again).to.deep.equal({ ...done, namespaces: [], projects: [] });
    const reasons = Object.fromEntries(done.unowned.map(({ name, reason }) => [name, reason]));
    expect(reasons).to.deep.equal({
      postgres: 'one_component',
      'team-0': 'one_component',
      'api/v1': 'no_project_path',
      'grace/notes': 'personal_namespace',
      'team-0/removed/x': 'reserved',
    });
    expect(done.projects).to.deep.include({
      path: 'library/a',
      repositories: ['library/a/b/c'],
    });
  });

  it('has owners then, whose deploy tokens pull what was there', async () => {
    const owned = await listed();
    const login = await installation.addDeployToken('team-3/app-3');

    expect(owned).to.deep.include({ repository: 'team-3/app-3/tool', project: 'team-3/app-3' });
    expect(await listed('--unowned')).to.have.lengthOf(5);
    const jwt = await installation.jwt(login, 'repository:team-3/app-3/tool:pull');
    const answer = await fetch(`http://${installation.host}/v2/team-3/app-3/tool/tags/list`, {
      headers: { authorization: `Bearer ${jwt}` },
    });
    expect(await answer.json()).to.include({ name: 'team-3/app-3/tool' });
  });

  it('gives an administrator what nobody owns at once, and a deploy token what its project was given', async () => {
    const token = await installation.addDeployToken('team-3/app-3');

    const before = await pulls(token, 'postgres');
    const byAdmin = await pulls(admin, 'postgres');
    await installation.done('project', 'images', 'add', 'team-3/app-3', 'postgres');
    const after = await pulls(token, 'postgres');
    await installation.done('project', 'images', 'remove', 'team-3/app-3', 'postgres');

    expect({ before, byAdmin, after }).to.deep.equal({ before: 401, byAdmin: 200, after: 200 });
    expect(await pulls(token, 'postgres')).to.equal(401);
  });

  /** The status of the manifest. */
  async function pulls(login: Login, repository: string): Promise<number> {
    const jwt = await installation.jwt(login, `repository:${repository}:pull`);
    const { status } = await fetch(`http://${installation.host}/v2/${repository}/manifests/1`, {
      headers: {
        authorization: `Bearer ${jwt}`,
        accept: 'application/vnd.oci.image.manifest.v1+json',
      },
    });
    return status;
  }

  it('says what it did to people, too', async () => {
    const printed = await installation.done('registry', 'import', '--dry-run');

    expect(printed).to.match(/^unowned {4}postgres {2}A project path has at least two components/m);
    expect(printed).to.include('Would make 0 namespaces and 0 projects; 5 repositories stay');
  });
});

async function walked({ service }: Installation): Promise<void> {
  await Promise.race([
    service().line((line) => line.includes('the registry was walked')),
    new Promise((_, reject) => {
      setTimeout(() => reject(new Error('The registry was not walked.')), WALK_MS).unref();
    }),
  ]);
}
