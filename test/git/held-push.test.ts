import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { removeMember } from '../../src/services/members.js';
import { setArchived } from '../../src/services/project-settings.js';
import { setBlocked, setPassword } from '../../src/services/users.js';
import { Secret } from '../../src/credentials.js';
import { newDeployToken, newMember, type NewUser } from '../doors/app-data.js';
import { fetchRequest, newGitClient, packetLine, type GitClient } from '../support/git-client.js';
import { holdRequest } from '../support/held-request.js';
import { passwords } from '../support/passwords.js';
import { basic, type HttpRequest, type Login } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { projectWithCode, type StoredProject } from './git-data.js';

const NOTHING = '0'.repeat(40);
/** A body that is held back for longer than it takes to notice. */
const LONG_MS = 10_000;

describe('a git request that is held open until its authority is gone', () => {
  const app = withApp();
  let client: GitClient;
  let stored: StoredProject;
  let developer: NewUser;

  function deps(): { store: typeof app.service.store; now: () => Date } {
    return { store: app.service.store, now: () => new Date() };
  }

  beforeEach(async () => {
    client = await newGitClient();
    stored = await projectWithCode(app);
    developer = await newMember(app, stored.project, 'developer');
  });

  afterEach(async () => {
    await client.remove();
  });

  /** What `git push` of one new commit sends. */
  async function push(login: Login): Promise<HttpRequest> {
    await client.git(['clone', '--quiet', '--no-local', `file://${stored.repository}`, 'copy']);
    await client.git(['commit', '--quiet', '--allow-empty', '--message', 'late'], { in: 'copy' });
    const commit = await client.git(['rev-parse', 'HEAD'], { in: 'copy' });
    const pack = await packOf(`${client.folder}/copy`, `${commit}\n^${commit}~1\n`);
    const command = `${await head()} ${commit} refs/heads/main\0 report-status side-band-64k`;
    return receivePack(login, Buffer.concat([Buffer.from(`${packetLine(command)}0000`), pack]));
  }

  /** What `git push --delete main` sends: no pack follows, so git acts on the commands alone. */
  async function deletion(login: Login): Promise<HttpRequest> {
    const command = `${await head()} ${NOTHING} refs/heads/main\0 report-status delete-refs`;
    return receivePack(login, Buffer.from(`${packetLine(command)}0000`));
  }

  function receivePack(login: Login, body: Buffer): HttpRequest {
    return {
      method: 'POST',
      target: `/${stored.project.path}.git/git-receive-pack`,
      headers: {
        authorization: basic(login),
        'content-type': 'application/x-git-receive-pack-request',
      },
      body,
    };
  }

  async function head(): Promise<string> {
    return await client.git(['--git-dir', stored.repository, 'rev-parse', 'refs/heads/main']);
  }

  // The attack: a push is sent but for its last bytes. Its user is blocked, removed or given another
  // password, or the project archived, and then the rest follows: the commit lands all the same.
  // git's pre-receive hook asks Pullgate once all is there, and nothing has changed yet.
  const revocations: Readonly<Record<string, () => Promise<unknown>>> = {
    'whose user was blocked': async () =>
      await setBlocked(deps(), OPERATOR, developer.user, 'blocked'),
    'whose member was removed': async () =>
      await removeMember(deps(), OPERATOR, stored.project, developer.user),
    'whose project was archived': async () =>
      await setArchived(deps(), OPERATOR, stored.project, 'archived'),
    'whose password was replaced': async () =>
      await setPassword(
        { ...deps(), tokenPrefix: 'gldt-', passwords },
        OPERATOR,
        developer.user,
        Secret.generate(),
      ),
  };
  for (const [whose, revoke] of Object.entries(revocations)) {
    for (const [what, request] of Object.entries({ push, deletion })) {
      it(`lands no ${what} ${whose} meanwhile`, async () => {
        const before = await head();
        const held = await holdRequest(app.origin, await request(developer.login));

        await revoke();
        const { status, text } = await held.finish();

        expect(await head()).to.equal(before);
        expect(status === 200 ? text : 'refused').to.match(/pre-receive hook declined|refused/);
      });
    }
  }

  it('lands a push whose authority is still there', async () => {
    const before = await head();
    const held = await holdRequest(app.origin, await push(developer.login));

    const { text } = await held.finish();

    expect(text).to.contain('ok refs/heads/main');
    expect(await head()).not.to.equal(before);
  });

  it('tells why, as git shows it', async () => {
    const held = await holdRequest(app.origin, await push(developer.login));

    await setArchived(deps(), OPERATOR, stored.project, 'archived');
    const { text } = await held.finish();

    expect(text).to.contain('This project is archived: nobody can push to it.');
  });

  it('ends a push that goes on being held', async () => {
    const held = await holdRequest(app.origin, await push(developer.login));

    await setBlocked(deps(), OPERATOR, developer.user, 'blocked');

    expect((await held.answer).status).to.equal(401);
  }).timeout(LONG_MS);

  it('serves no fetch whose deploy token was revoked', async () => {
    const { token, login } = await newDeployToken(app, stored.project, {
      scopes: ['read_repository'],
    });
    const held = await holdRequest(app.origin, {
      method: 'POST',
      target: `/${stored.project.path}.git/git-upload-pack`,
      headers: {
        authorization: basic(login),
        'content-type': 'application/x-git-upload-pack-request',
        'git-protocol': 'version=2',
      },
      body: fetchRequest(await head()),
    });

    await revokeDeployToken(deps(), OPERATOR, token.id);

    expect((await held.finish()).status).to.equal(401);
  });
});

async function packOf(folder: string, revisions: string): Promise<Buffer> {
  const packing = promisify(execFile)(
    'git',
    ['-C', folder, 'pack-objects', '--quiet', '--stdout', '--revs'],
    { encoding: 'buffer' },
  );
  packing.child.stdin?.end(revisions);
  return (await packing).stdout;
}
