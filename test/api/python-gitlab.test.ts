import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { newAccessToken, newUser } from '../doors/app-data.js';
import { definedWhere } from '../support/defined-where.js';
import { run, type RunResult } from '../support/run.js';
import { withApp } from '../support/with-app.js';

const PYTHON = process.env['PYTHON'] ?? 'python3';

const SCRIPT = `
import os, gitlab

gl = gitlab.Gitlab(os.environ['URL'], private_token=os.environ['TOKEN'])
gl.auth()
group = gl.groups.create({'name': 'Tanuki', 'path': 'tanuki'})
project = gl.projects.create({'name': 'App', 'namespace_id': group.id, 'wiki_enabled': True})
assert project.path_with_namespace == 'tanuki/app' and project.wiki_enabled is True
project.description = 'changed'
project.wiki_enabled = False
project.save()
project = gl.projects.get('tanuki/app')
assert (project.description, project.wiki_enabled) == ('changed', False)
assert [each.id for each in gl.projects.list(owned=True, archived=False, get_all=True)] == [project.id]
assert [each.id for each in gl.projects.list(iterator=True, pagination='keyset', order_by='id')] == [project.id]

user = gl.users.create({'username': 'ada', 'name': 'Ada', 'email': 'ada@example.com',
                        'password': 'a long password', 'skip_confirmation': True})
user.name = 'Ada Lovelace'
user.external = True
user.save()
user = gl.users.list(username='ada')[0]
assert (user.name, user.external, user.email) == ('Ada Lovelace', True, 'ada@example.com')
project.members.create({'user_id': user.id, 'access_level': gitlab.const.AccessLevel.MAINTAINER})
assert user.block() and user.unblock()

for owner in (project, group):
    token = owner.deploytokens.create({'name': 'ci', 'scopes': ['read_registry'],
                                       'username': '', 'expires_at': ''})
    assert token.token.startswith('gldt-')
    assert token.id in [each.id for each in gl.deploytokens.list(get_all=True)]
    owner.deploytokens.delete(token.id)

pat = user.personal_access_tokens.create({'name': 'bot', 'scopes': ['api'], 'expires_at': '2099-01-31'})
pat = gl.personal_access_tokens.get(pat.id)
pat.rotate(expires_at='2098-01-31')
bot = gitlab.Gitlab(os.environ['URL'], private_token=pat.token)
bot.auth()
assert bot.user.username == 'ada'
assert [each.name for each in gl.personal_access_tokens.list(user_id=user.id, revoked=False)] == ['bot']
try:
    gl.projects.list(topic='x')
    raise AssertionError('a filter was passed over')
except gitlab.exceptions.GitlabListError as error:
    assert error.response_code == 400

project.delete(permanently_remove=True, full_path='tanuki/app')
gl.projects.create({'name': 'App', 'namespace_id': group.id}).delete()
gl.users.delete(user.id)
print('done')
`;

/** Its requests are replayed everywhere. */
const WHAT = { tests: 'python-gitlab itself', need: 'the Python module gitlab' };

definedWhere(hasPythonGitlab(), WHAT, () => {
  describe('python-gitlab, unmodified', describeClient);
});

function describeClient(): void {
  const app = withApp();

  it('makes, changes, lists and removes what the documents say', async () => {
    const { user } = await newUser(app, { username: 'root', isAdmin: true });
    const { secret } = await newAccessToken(app, user, ['api']);

    const result = await python(SCRIPT, { URL: app.origin, TOKEN: secret });

    expect(result.output).to.equal('done\n');
    expect(result.code).to.equal(0);
  }).timeout(60_000);
}

function hasPythonGitlab(): boolean {
  return spawnSync(PYTHON, ['-c', 'import gitlab'], { stdio: 'ignore' }).status === 0;
}

async function python(script: string, env: NodeJS.ProcessEnv): Promise<RunResult> {
  return await run(PYTHON, ['-c', script], { env: { ...process.env, ...env } });
}
