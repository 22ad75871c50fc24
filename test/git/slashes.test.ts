import { Gitlab } from '@gitbeaker/rest';
import { expect } from 'chai';
import { newAccessToken, newProject, newUser } from '../doors/app-data.js';
import { codeToken, projectWithCode } from './git-data.js';
import { cloneUrl, newGitClient } from '../support/git-client.js';
import { basic, send } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';

/** The fault: 404 for clients that put a path behind an address which ends in a slash. */
describe('two slashes in an address', () => {
  const app = withApp();

  it('are one for git', async () => {
    const { project } = await projectWithCode(app);
    const login = await codeToken(app, project);
    const client = await newGitClient();

    const url = cloneUrl(app.origin, `${project.path}.git`, login).replace('/tanuki', '//tanuki');
    await client.git(['clone', '--quiet', url, 'x']);
    // As go-git and isomorphic-git ask for an address that ends in a slash.
    const answer = await send(app.origin, {
      method: 'GET',
      target: `/${project.path}.git//info/refs?service=git-upload-pack`,
      headers: { authorization: basic(login) },
    });

    await client.remove();
    expect(answer.status).to.equal(200);
  });

  it('are one for gitbeaker, with a host that ends in a slash', async () => {
    const { user } = await newUser(app, { isAdmin: true });
    const { secret } = await newAccessToken(app, user, ['api']);
    const gitlab = new Gitlab({ host: `${app.origin}/`, token: secret });

    expect((await gitlab.Users.showCurrentUser()).username).to.equal(user.username);
  });

  it('are one at every other door', async () => {
    const token = '//token?service=container_registry&scope=repository:a/b:pull';
    const targets = [token, '//-/health', '//users//sign_in'];

    const answers = await Promise.all(
      targets.map(async (target) => await send(app.origin, { method: 'GET', target })),
    );

    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
  });

  it('are not made of what is encoded', async () => {
    const { path } = await newProject(app, { visibility: 'public' });
    const targets = ['%2F', '%2F%2F'].map(
      (slash) => `/api/v4//projects/${path.replace('/', slash)}`,
    );

    const answers = await Promise.all(
      targets.map(async (target) => await send(app.origin, { method: 'GET', target })),
    );

    expect(answers.map(({ status }) => status)).to.deep.equal([200, 404]);
  });
});
