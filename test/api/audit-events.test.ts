import { expect } from 'chai';
import { z } from 'zod';
import { newMember, newProject } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { clientOf, idIn, newAdministrator } from './api-client.js';

const Details = z.looseObject({
  custom_message: z.string(),
  target_id: z.int().nullable(),
  target_details: z.string(),
});
const Events = z.array(z.looseObject({ author_id: z.int().nullable(), details: Details }));

describe('audit events of the API', () => {
  const app = withApp();

  it('tell what was done in a project, by whom, through which door', async () => {
    const project = await newProject(app);
    const { user } = await newMember(app, project, 'maintainer');
    const client = await clientOf(app, user);
    const path = `/projects/${project.id}`;
    const created = await client.post(`${path}/deploy_tokens`, {
      name: 'ci',
      scopes: ['read_registry'],
    });
    await client.delete(`${path}/deploy_tokens/${idIn(created)}`);

    const answer = await client.get(`${path}/audit_events?per_page=2`);

    const events = Events.parse(answer.body);
    expect(events.map(({ details }) => details.custom_message)).to.deep.equal([
      'deploy_token_revoked',
      'deploy_token_created',
    ]);
    expect(events[1]).to.deep.include({ author_id: user.id, entity_id: project.id });
    expect(events[1]?.details).to.deep.equal({
      author_name: user.username,
      custom_message: 'deploy_token_created',
      target_id: idIn(created),
      target_type: 'deploy_token',
      target_details: 'ci',
      entity_path: project.path,
      ip_address: '127.0.0.1',
      detail: 'read_registry, without expiry',
      door: 'api',
      request_id: created.headers['x-request-id'],
    });
    expect(answer.headers['x-total']).to.equal('4');
    expect(answer.headers['x-next-page']).to.equal('2');
  });

  it('are limited by time, person, action and object, in a project', async () => {
    const project = await newProject(app);
    const { user } = await newMember(app, project, 'maintainer');
    const client = await clientOf(app, user);
    const path = `/projects/${project.id}`;
    const token = { name: 'ci', scopes: ['read_registry'] };
    const first = idIn(await client.post(`${path}/deploy_tokens`, token));
    const second = idIn(await client.post(`${path}/deploy_tokens`, token));
    await client.delete(`${path}/deploy_tokens/${second}`);
    const today = new Date().toISOString().slice(0, 10);

    async function found(query: string): Promise<string[]> {
      const answer = await client.get(`${path}/audit_events?${query}`);
      const events = Events.parse(answer.body);
      expect(answer.headers['x-total'], query).to.equal(String(events.length));
      return events.map(({ details }) => `${details.custom_message} ${details.target_id}`);
    }

    const of = `deploy_token_revoked ${second}`;
    expect(await found(`author_id=${user.id}`)).to.have.lengthOf(3);
    expect(await found('author_id=999999')).to.deep.equal([]);
    expect(await found('custom_message=deploy_token_revoked')).to.deep.equal([of]);
    expect(await found(`target_type=deploy_token&target_id=${second}`)).to.deep.equal([
      of,
      `deploy_token_created ${second}`,
    ]);
    expect(await found(`target_type=user&target_id=${user.id}`)).to.deep.equal([
      `member_set ${user.id}`,
    ]);
    expect(await found(`created_after=${today}`))
      .to.have.lengthOf(3)
      .and.include(of);
    expect(await found(`created_before=${today}`)).to.have.lengthOf(2);
    expect(await found('created_before=2020-01-01T00:00:00Z')).to.have.lengthOf(2);
    expect(await found('created_before=2019-12-31T23:59:59Z')).to.deep.equal([]);
    expect(await found(`target_type=deploy_token&target_id=${first}`)).to.have.lengthOf(1);
  });

  it('of everything are limited to a project or an account, as with GitLab', async () => {
    const admin = await newAdministrator(app);
    const project = await newProject(app);
    const { user } = await newMember(app, project, 'guest');

    const ofProject = await admin.get(`/audit_events?entity_type=Project&entity_id=${project.id}`);
    const ofUser = await admin.get(`/audit_events?entity_type=User&entity_id=${user.id}`);

    expect(actionsIn(ofProject.body)).to.deep.equal(['member_set', 'project_created']);
    expect(actionsIn(ofUser.body)).to.deep.equal(['member_set', 'user_created']);
  });

  for (const [query, error] of [
    ['entity_type=Project', 'entity_type, entity_id provide all or none of parameters'],
    ['entity_id=1', 'entity_type, entity_id provide all or none of parameters'],
    ['target_id=1', 'target_type, target_id provide all or none of parameters'],
    ['entity_type=Group&entity_id=1', 'entity_type does not have a valid value'],
    ['custom_message=toString', 'custom_message does not have a valid value'],
    ['created_after=soon', 'created_after is invalid'],
    [
      'entity_type=User&entity_id=1&target_type=user&target_id=2',
      'entity_type, target_type are mutually exclusive',
    ],
  ] as const) {
    it(`refuse ${query}`, async () => {
      const admin = await newAdministrator(app);

      const answer = await admin.get(`/audit_events?${query}`);

      expect([answer.status, answer.body]).to.deep.equal([400, { error }]);
    });
  }

  it('of everything are for administrators', async () => {
    const admin = await newAdministrator(app);
    await admin.post('/users', { username: 'seen', force_random_password: true });

    const answer = await admin.get('/audit_events');

    const [event] = Events.parse(answer.body);
    expect(event?.details).to.deep.include({
      custom_message: 'user_created',
      target_details: 'seen',
      entity_path: null,
    });
  });
});

function actionsIn(body: unknown): string[] {
  return Events.parse(body).map(({ details }) => details.custom_message);
}
