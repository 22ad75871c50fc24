import { expect } from 'chai';
import { z } from 'zod';
import { newMember, newProject } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { clientOf, idIn, newAdministrator } from './api-client.js';

const Details = z.looseObject({ custom_message: z.string(), target_details: z.string() });
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
