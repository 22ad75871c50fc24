import { expect } from 'chai';
import { z } from 'zod';
import { newCommandLine, type CommandLine, type CommandResult } from '../support/command-line.js';

const AT = new Date('2026-01-01T00:00:00Z');
const CREATE = 'deploy-token create --name ci --scopes read_registry --json';

describe('the commands of namespaces and their deploy tokens', () => {
  let cli: CommandLine;

  before(async () => {
    cli = await newCommandLine();
    await done('user create root --admin');
    await done('user create ada');
    await done('namespace create tanuki/backend');
    await done('project create tanuki/backend/api');
    await done('project create other/app');
  });

  after(async () => {
    await cli.remove();
  });

  async function run(line: string): Promise<CommandResult> {
    return await cli.run(line, { now: () => AT });
  }

  async function done(line: string): Promise<string> {
    const { code, stdout, stderr } = await run(line);
    expect([code, stderr], line).to.deep.equal([0, '']);
    return stdout;
  }

  async function refused(line: string, exit = 1): Promise<string> {
    const result = await run(line);
    expect(result.code, line).to.equal(exit);
    return result.stderr;
  }

  async function one(line: string): Promise<Record<string, unknown>> {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await done(line)));
  }

  async function column(line: string, name: string): Promise<unknown[]> {
    const rows = z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(await done(line)));
    return rows.map((row) => row[name]);
  }

  it('make, list and show namespaces, and remove one that is empty', async () => {
    const made = await one('namespace create Empty --json');

    expect(made).to.include({ path: 'Empty', name: 'Empty', user: null });
    expect(await one('namespace show empty --json')).to.deep.equal(made);
    expect(await one('namespace show ada --json')).to.include({ user: 'ada' });
    expect(await column('namespace list --json', 'path')).to.deep.equal([
      'ada',
      'Empty',
      'other',
      'root',
      'tanuki',
      'tanuki/backend',
    ]);
    expect(await refused('namespace create EMPTY')).to.contain('The path EMPTY is taken.');
    expect(await refused('namespace remove tanuki')).to.contain('tanuki is not empty');
    expect(await done('namespace remove empty')).to.contain('empty is removed');
    expect(await refused('namespace show empty')).to.contain('There is no namespace empty.');
  });

  it('give roles in a namespace, which projects below have from there', async () => {
    await done('member add tanuki ada --role developer');
    await done('member add tanuki/backend/api root --role guest');

    expect(await column('member list tanuki/backend/api --json', 'from')).to.deep.equal([
      'tanuki/backend/api',
      'tanuki',
    ]);
    expect(await refused('member remove tanuki/backend/api ada')).to.contain('is not a member');
    await done('member remove tanuki ada');
    expect(await column('member list tanuki --json', 'username')).to.deep.equal([]);
    expect(await refused('member list no/such')).to.contain('no project and no namespace no/such');
  });

  it('make deploy tokens of projects, of namespaces and of the instance, and list them', async () => {
    const both = await one(`${CREATE} tanuki/backend/api --scopes read_repository`);
    expect(both['scopes']).to.deep.equal(['read_repository', 'read_registry']);
    const narrow = `${CREATE} tanuki --only tanuki/a,tanuki/b --only tanuki/backend/api`;
    const { id, token, only } = await one(narrow);
    await done(`${CREATE} --instance`);

    expect(token).to.match(/^gldt-/);
    expect(only).to.deep.equal(['tanuki/a', 'tanuki/b', 'tanuki/backend/api']);
    expect(await column('deploy-token list tanuki --json', 'id')).to.deep.equal([id]);
    expect(await column('deploy-token list --json', 'owner')).to.deep.equal([
      'tanuki/backend/api',
      'tanuki',
      null,
    ]);
    expect(await one(`deploy-token show ${String(id)} --json`)).to.deep.include({
      owner_kind: 'namespace',
      owner: 'tanuki',
      only,
      project: null,
    });
    expect(await refused(`${CREATE} tanuki --only other/app`)).to.contain(
      'would not reach other/app',
    );
    for (const wrong of [CREATE, `${CREATE} tanuki --instance`]) {
      expect(await refused(wrong, 2)).to.contain('give either a path or --instance');
    }
  });

  it('give images to a project that nobody owns, and take them away', async () => {
    await done('project images add tanuki/backend/api Postgres');
    await done('project images add tanuki/backend/api api/v1');

    expect(await column('project images list tanuki/backend/api --json', 'prefix')).to.deep.equal([
      'api/v1',
      'postgres',
    ]);
    for (const prefix of [
      'postgres',
      'postgres/14',
      'api',
      'other/app',
      'other',
      'ada',
      'tanuki',
    ]) {
      const said = await refused(`project images add tanuki/backend/api ${prefix}`);
      expect(said).to.equal(
        `pullgate: The prefix ${prefix} equals, lies above or lies below a path or prefix that is in use or reserved.\n`,
      );
    }
    for (const prefix of ['what?', 'a//b', '../x', 'registry.example.com:5000/x', 'x:latest']) {
      const said = await refused(`project images add tanuki/backend/api ${prefix}`);
      expect(said).to.contain('An image prefix is the name of a repository');
    }
    // Names are looked up as deep as this, see src/access/name-budget.ts.
    const deep = `${'a/'.repeat(20)}a`;
    expect(await refused(`project images add tanuki/backend/api ${deep}`)).to.contain(
      'at most 20 components',
    );
    expect(await refused('project images remove tanuki/backend/api tanuki/backend/api')).to.contain(
      'stays its own',
    );
    await done('project images remove tanuki/backend/api postgres');
    expect(await refused('project images remove tanuki/backend/api postgres')).to.contain(
      'has no image prefix postgres',
    );
    await done('project images add other/app postgres');
  });

  it('make administrators, and keep the last one', async () => {
    expect(await refused('user set root --no-admin')).to.contain('only administrator');
    expect(await one('user set ada --admin --json')).to.include({ username: 'ada', admin: true });
    expect(await one('user set root --no-admin --json')).to.include({ admin: false });
    await done('user set root --admin');
    await done('user block root');
    expect(await refused('user set ada --no-admin')).to.contain('who is not blocked');
    expect(await refused('user set ada', 2)).to.contain("'--admin'");
    expect(await done('audit export'))
      .to.contain('user_demoted')
      .and.contain('user_promoted');
  });

  it('remove an account, and say what is left without a maintainer', async () => {
    await done('user create leo');
    await done('access-token create leo --name laptop --scopes api');
    await done('member add other/app leo --role owner');

    expect(await one('user remove leo --json')).to.deep.equal({
      username: 'leo',
      access_tokens_ended: 1,
      roles_ended: 1,
      projects_passed_to_administrators: 0,
      deploy_tokens_that_stay: 0,
      without_a_maintainer: ['other/app'],
      username_stays_taken: true,
    });
    expect(await refused('user remove leo')).to.contain('There is no user leo.');
    expect(await refused('user create leo')).to.contain('is taken');
    expect(await column('user list --json', 'username')).not.to.include('leo');
  });

  it('invite people, who are listed, and can be uninvited', async () => {
    const made = await one(
      'user invite eve --role tanuki/backend=developer,other/app=guest --json',
    );
    await done('user invite');

    expect(made['link']).to.match(/^http:\/\/localhost:5080\/-\/invitation\/[\w-]{32}$/);
    expect(made['expires_at']).to.equal('2026-01-08T00:00:00.000Z');
    expect(await column('user invitations --json', 'username')).to.deep.equal([null, 'eve']);
    expect(await column('user invitations --json', 'roles')).to.deep.equal([
      [],
      ['tanuki/backend=developer', 'other/app=guest'],
    ]);
    expect(await refused('user invite EVE')).to.contain('is taken');
    expect(await refused('user invite fay --role tanuki/backend', 2)).to.contain('PATH=ROLE');
    await done(`user uninvite ${String(made['id'])}`);
    expect(await refused(`user uninvite ${String(made['id'])}`)).to.contain('was revoked');
    expect(await column('user invitations --json', 'state')).to.deep.equal(['open', 'revoked']);
  });
});
