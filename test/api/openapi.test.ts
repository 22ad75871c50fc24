import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { z } from 'zod';
import { ENDPOINTS } from '../../src/api/endpoints.js';
import { withApp } from '../support/with-app.js';
import { send } from '../support/token-client.js';
import { API, newAdministrator } from './api-client.js';

const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.enum(['path', 'query']) })),
  requestBody: z
    .object({ content: z.record(z.string(), z.object({ schema: z.looseObject({}) })) })
    .loose()
    .optional(),
  responses: z.record(z.string(), z.looseObject({})),
});
const SCHEMAS = '#/components/schemas/';
const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

describe('GET /openapi.json', () => {
  const app = withApp();
  let document: z.infer<typeof Document>;

  before(async () => {
    const answer = await send(app.origin, { method: 'GET', target: `${API}/openapi.json` });
    document = Document.parse(answer.body);
  });

  function operations(): { readonly method: string; readonly path: string }[] {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method, path })),
    );
  }

  it('is a valid OpenAPI 3.1 document, for everybody to read', async () => {
    const validator = new Validator();

    const { valid, errors } = await validator.validate(document);

    expect(errors).to.equal(undefined);
    expect(valid).to.equal(true);
    expect(validator.version).to.equal('3.1');
  });

  it('is sent once to whoever sends back its ETag', async () => {
    const target = `${API}/openapi.json`;
    const { headers } = await send(app.origin, { method: 'GET', target });
    const etag = String(headers['etag']);

    const again = await send(app.origin, {
      method: 'GET',
      target,
      headers: { 'if-none-match': etag },
    });

    expect(etag).to.match(/^"[\w-]{43}"$/);
    expect(again.status).to.equal(304);
    expect(again.text).to.equal('');
  });

  it('holds every endpoint, and none that there is not', () => {
    const expected = [...ENDPOINTS, { method: 'get', path: '/openapi.json' }].map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    );

    const found = operations().map(({ method, path }) => `${method} ${path}`);

    expect(found).to.have.members(expected);
  });

  it('holds what has a name once, and refers to nothing that is not there', () => {
    const uses = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, use]) => use);
    const names = Object.keys(document.components.schemas);

    expect(new Set(uses)).to.deep.equal(new Set(names.map((name) => SCHEMAS + name)));
    expect(names).to.include.members(['Error', 'Project', 'DeployToken', 'postProjectsBody']);
  });

  it('gives every operation a name of its own', () => {
    const names = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );

    expect(new Set(names)).to.have.lengthOf(names.length);
  });

  it('names addresses that the service answers, with the status that it names', async () => {
    const admin = await newAdministrator(app);

    for (const { method, path } of operations()) {
      const answer = await send(app.origin, {
        method: method.toUpperCase(),
        target: API + path.replaceAll(/\{\w+\}/g, '999999'),
      });

      expect(answer.body, `${method} ${path}`).not.to.deep.equal({ error: '404 Not Found' });
      expect(answer.status).not.to.equal(405);
    }
    for (const path of ['/version', '/user', '/projects', '/users', '/deploy_tokens']) {
      const { status } = await admin.get(path);
      expect(document.paths[path]?.['get']?.responses).to.have.property(String(status));
    }
  });

  it('tells the parameters of a new deploy token, as JSON and as a form', () => {
    const post = document.paths['/projects/{id}/deploy_tokens']?.['post'];

    expect(post?.parameters.map((each) => [each.name, each.in])).to.deep.equal([['id', 'path']]);
    expect(Object.keys(post?.requestBody?.content ?? {})).to.deep.equal([
      'application/json',
      'application/x-www-form-urlencoded',
    ]);
    const { schema: use } = post?.requestBody?.content['application/json'] ?? {};
    const schema = document.components.schemas['postProjectsIdDeploy_tokensBody'];
    expect(use).to.deep.equal({ $ref: `${SCHEMAS}postProjectsIdDeploy_tokensBody` });
    expect(schema?.['required']).to.deep.equal(['name', 'scopes']);
    expect(schema?.['properties']).to.have.all.keys(
      'name',
      'scopes',
      'expires_at',
      'username',
      'only',
    );
  });
});
