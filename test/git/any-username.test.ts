import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { cloneUrl, newGitClient } from '../support/git-client.js';
import { withApp } from '../support/with-app.js';
import { askByGet, askByPost, tokenAnswer, type Login } from '../support/token-client.js';
import { codeToken, projectWithCode, type StoredProject } from './git-data.js';
import { linesOf, newAccessToken, newMember, type NewUser } from '../doors/app-data.js';

/** What Renovate, GitHub's tools, GitLab's jobs and people's `.netrc` send: each was 401. */
const SENT = ['oauth2', 'x-access-token', 'gitlab-ci-token', 'git', 'somebody else'];

describe('a personal access token with another username', () => {
  const app = withApp();
  let stored: StoredProject;
  let developer: NewUser;
  let token: Login;

  before(async () => {
    stored = await projectWithCode(app);
    developer = await newMember(app, stored.project, 'developer');
    token = await newAccessToken(app, developer.user, ['api']);
  });

  for (const username of SENT) {
    it(`is taken as its user's by the registry, with ${username}`, async () => {
      const question = { login: { ...token, username }, scopes: ['repository:x:pull'] };

      const answers = [
        tokenAnswer('GET', await askByGet(app.origin, question)),
        tokenAnswer('POST', await askByPost(app.origin, question)),
      ];

      const subjects = answers.map((answer) => decodeJwt(answer.token).sub);
      expect(subjects).to.deep.equal([developer.user.username, developer.user.username]);
    });
  }

  it('clones and pushes, and the log names its user', async () => {
    const client = await newGitClient();
    const url = cloneUrl(app.origin, stored.project.path, { ...token, username: 'oauth2' });

    await client.git(['clone', '--quiet', url, 'clone']);
    await client.git(['push', '--quiet', 'origin', 'HEAD:refs/heads/topic'], { in: 'clone' });

    await client.remove();
    const actors = linesOf(app).filter(({ door, actor }) => door === 'git' && actor !== undefined);
    expect([...new Set(actors.map(({ actor }) => actor))]).to.deep.equal([developer.user.username]);
  });

  it('is not what a deploy token or a password is', async () => {
    const logins = [
      await codeToken(app, stored.project, ['read_registry']),
      developer.login,
      { ...token, secret: `${token.secret}x` },
    ];

    const answers = await Promise.all(
      logins.map(
        async (login) => await askByGet(app.origin, { login: { ...login, username: 'oauth2' } }),
      ),
    );

    expect(answers.map(({ status }) => status)).to.deep.equal([401, 401, 401]);
  });

  it('needs some username', async () => {
    const answer = await askByGet(app.origin, { login: { ...token, username: '' } });

    expect(answer.status).to.equal(401);
  });
});
