import { AccessLevel, DeployTokens, Gitlab, GitbeakerRequestError } from '@gitbeaker/rest';
import { expect } from 'chai';
import { newAccessToken, newUser } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { askByGet, grantedBy, repository } from '../support/token-client.js';

const PATH = 'tanuki/awesome_project';
const MANY = 45;

async function refusalOf(request: Promise<unknown>): Promise<readonly [number, string]> {
  const error = await request.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GitbeakerRequestError)) {
    throw new Error('The request was not refused.', { cause: error });
  }
  return [error.cause?.response.status ?? 0, error.cause?.description ?? ''];
}

describe('@gitbeaker/rest, unmodified', () => {
  const app = withApp();
  let token: string;
  let gitlab: InstanceType<typeof Gitlab<false>>;

  before(async () => {
    const { user } = await newUser(app, { isAdmin: true });
    token = (await newAccessToken(app, user, ['api'])).secret;
    gitlab = new Gitlab({ host: app.origin, token });
  });

  it('sets a project up from nothing, and sees a deploy token through its whole life', async () => {
    const project = await gitlab.Projects.create({ path: PATH, visibility: 'private' });
    const user = await gitlab.Users.create({
      username: 'ada',
      name: 'Ada',
      email: 'ada@example.com',
      forceRandomPassword: true,
    });
    await gitlab.ProjectMembers.add(project.id, AccessLevel.MAINTAINER, { userId: user.id });
    const herToken = await gitlab.PersonalAccessTokens.create(user.id, 'script', ['api'], {
      expiresAt: '2099-01-01',
    });
    const hers = new Gitlab({ host: app.origin, token: herToken.token });

    const made = await hers.DeployTokens.create('ci', ['read_registry', 'read_repository'], {
      projectId: PATH,
      expires_at: '2099-01-31',
      username: 'robot',
    });
    const login = { username: made.username, secret: made.token };
    const question = { login, scopes: [`repository:${PATH}:pull`] };
    const before = await askByGet(app.origin, question);
    const listed = await hers.DeployTokens.all({ projectId: PATH, active: true });
    const { token: secret, ...rest } = made;
    const shown = await hers.DeployTokens.show(made.id, { projectId: project.id });
    await hers.DeployTokens.remove(made.id, { projectId: project.id });
    const after = await askByGet(app.origin, question);

    expect(secret).to.match(/^gldt-/);
    expect(grantedBy(before)).to.deep.equal([repository(PATH, 'pull')]);
    expect(listed).to.deep.equal([rest]);
    expect(shown).to.deep.equal(rest);
    expect(after.status).to.equal(401);
    expect(await hers.DeployTokens.all({ projectId: PATH })).to.deep.equal([]);
    expect(await refusalOf(hers.DeployTokens.show(made.id, { projectId: PATH }))).to.deep.equal([
      404,
      '404 Not found',
    ]);
  });

  it('follows the links from page to page until it has them all', async () => {
    const project = await gitlab.Projects.create({ path: 'tanuki/many' });
    for (let number = 1; number <= MANY; number += 1) {
      await gitlab.DeployTokens.create(`ci ${number}`, ['read_registry'], {
        projectId: project.id,
      });
    }

    const all = await gitlab.DeployTokens.all({ projectId: project.id });
    const { data, paginationInfo } = await gitlab.DeployTokens.all({
      projectId: project.id,
      page: 2,
      perPage: 10,
      showExpanded: true,
    });

    expect(all.map(({ name }) => name)).to.deep.equal(
      Array.from({ length: MANY }, (_, index) => `ci ${index + 1}`),
    );
    expect(data.map(({ name }) => name))
      .to.include('ci 11')
      .and.to.have.lengthOf(10);
    expect(paginationInfo).to.deep.equal({
      total: MANY,
      next: 3,
      current: 2,
      previous: 1,
      perPage: 10,
      totalPages: 5,
    });
  });

  it('is told what is wrong in words that it understands', async () => {
    const stranger = await newUser(app);
    const { secret } = await newAccessToken(app, stranger.user, ['read_api']);
    const reader = new Gitlab({ host: app.origin, token: secret });
    const nobody = new DeployTokens({ host: app.origin, token: 'glpat-wrong' });
    const { id } = await gitlab.Projects.create({ path: 'tanuki/refusing' });

    const refusals = [
      await refusalOf(nobody.all()),
      await refusalOf(reader.DeployTokens.all()),
      await refusalOf(reader.DeployTokens.all({ projectId: id })),
      await refusalOf(reader.DeployTokens.create('ci', ['read_registry'], { projectId: id })),
      await refusalOf(gitlab.DeployTokens.create('', ['read_registry'], { projectId: 'no/such' })),
      await refusalOf(gitlab.Projects.create({ path: 'tanuki/refusing' })),
    ];

    expect(refusals.map(([status]) => status)).to.deep.equal([401, 403, 404, 403, 404, 400]);
    expect(refusals.map(([, text]) => text).slice(0, 5)).to.deep.equal([
      '401 Unauthorized',
      '403 Forbidden',
      '404 Project Not Found',
      'insufficient_scope',
      '404 Project Not Found',
    ]);
  });

  it('manages projects, members, users and personal access tokens', async () => {
    const { id } = await gitlab.Projects.create({ path: 'kitsune/awesome-thing' });
    const edited = await gitlab.Projects.edit(id, { visibility: 'internal' });
    const archived = await gitlab.Projects.archive(id);
    const unarchived = await gitlab.Projects.unarchive(id);
    const found = await gitlab.Projects.all({ search: 'awesome-thing', perPage: 5 });
    const user = await gitlab.Users.create({ username: 'mei', password: 'a long password' });
    const member = await gitlab.ProjectMembers.add(id, AccessLevel.REPORTER, { userId: user.id });
    const changed = await gitlab.ProjectMembers.edit(id, user.id, AccessLevel.DEVELOPER);
    const members = await gitlab.ProjectMembers.all(id, { includeInherited: true });
    await gitlab.ProjectMembers.remove(id, user.id);
    const blocked = await gitlab.Users.block(user.id);
    const [seen] = await gitlab.Users.all({ username: 'MEI' });
    await gitlab.Users.unblock(user.id);
    const pat = await gitlab.PersonalAccessTokens.create(user.id, 'x', ['read_api']);
    const own = await gitlab.PersonalAccessTokens.show();
    await gitlab.PersonalAccessTokens.remove({ tokenId: pat.id });
    const tokens = await gitlab.PersonalAccessTokens.all({ userId: user.id });
    const me = await gitlab.Users.showCurrentUser();
    await gitlab.Projects.remove(id);

    expect(edited.visibility).to.equal('internal');
    expect(edited.path_with_namespace).to.equal('kitsune/awesome-thing');
    expect([archived.archived, unarchived.archived]).to.deep.equal([true, false]);
    expect(found.map((project) => project.id)).to.deep.equal([id]);
    expect([member.access_level, changed.access_level]).to.deep.equal([20, 30]);
    expect(members).to.have.lengthOf(2);
    expect(blocked).to.equal(true);
    expect(seen?.state).to.equal('blocked');
    expect(own.user_id).to.equal(me.id);
    expect(tokens.map(({ revoked }) => revoked)).to.deep.equal([true]);
    expect(await refusalOf(gitlab.Projects.show(id))).to.deep.equal([404, '404 Project Not Found']);
  });

  it('manages groups, their members and their deploy tokens', async () => {
    const group = await gitlab.Groups.create('Neko', 'neko', { description: 'cats' });
    const sub = await gitlab.Groups.create('Backend', 'backend', { parentId: group.id });
    const edited = await gitlab.Groups.edit('neko', { description: 'all cats' });
    const project = await gitlab.Projects.create({ name: 'api', namespaceId: sub.id });
    const user = await gitlab.Users.create({ username: 'yui', password: 'a long password' });
    const member = await gitlab.GroupMembers.add(group.id, AccessLevel.DEVELOPER, {
      userId: user.id,
    });
    const changed = await gitlab.GroupMembers.edit(group.id, user.id, AccessLevel.MAINTAINER);
    const inherited = await gitlab.ProjectMembers.all(project.id, { includeInherited: true });
    const made = await gitlab.DeployTokens.create('cluster', ['read_registry'], {
      groupId: group.id,
    });
    const login = { username: made.username, secret: made.token };
    const question = { login, scopes: ['repository:neko/backend/api:pull'] };
    const before = await askByGet(app.origin, question);
    const listed = await gitlab.DeployTokens.all({ groupId: group.id });
    await gitlab.DeployTokens.remove(made.id, { groupId: group.id });
    const after = await askByGet(app.origin, question);
    const below = await gitlab.Groups.allSubgroups(group.id);
    const projects = await gitlab.Groups.allProjects('neko', { includeSubgroups: true });
    await gitlab.GroupMembers.remove(group.id, user.id);
    const others = await gitlab.Groups.create('Empty', 'neko/empty');
    await gitlab.Groups.remove(others.id);

    expect(edited.description).to.equal('all cats');
    expect(sub.full_path).to.equal('neko/backend');
    expect(project.namespace.id).to.equal(sub.id);
    expect([member.access_level, changed.access_level]).to.deep.equal([30, 40]);
    expect(inherited.find(({ id }) => id === user.id)?.access_level).to.equal(40);
    expect(grantedBy(before)).to.deep.equal([repository('neko/backend/api', 'pull')]);
    expect(listed.map(({ id }) => id)).to.deep.equal([made.id]);
    expect(after.status).to.equal(401);
    expect(below.map(({ id }) => id)).to.deep.equal([sub.id]);
    expect(projects.map(({ id }) => id)).to.deep.equal([project.id]);
    expect(await refusalOf(gitlab.Groups.show(others.id))).to.deep.equal([
      404,
      '404 Group Not Found',
    ]);
    const found = await gitlab.Namespaces.all({ search: 'neko' });
    expect(found.map(({ full_path: path }) => path)).to.deep.equal(['neko', 'neko/backend']);
  });

  it('takes a bearer token as well', async () => {
    const byBearer = new Gitlab({ host: app.origin, oauthToken: token });

    const me = await byBearer.Users.showCurrentUser();

    expect(me.is_admin).to.equal(true);
  });
});
