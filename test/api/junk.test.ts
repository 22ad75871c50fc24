import { connect } from 'node:net';
import { expect } from 'chai';
import { ENDPOINTS } from '../../src/api/endpoints.js';
import { newAccessToken, newProject, newUser } from '../doors/app-data.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { FORM, send, type Answer } from '../support/token-client.js';
import { API, requireDeclared, textIn } from './api-client.js';

const JSON_TYPE = 'application/json';
const LIMIT = 64 * 1024;
const GOOD = '"name":"ci","scopes":["read_registry"]';

describe('junk at the API', () => {
  let app: TestApp;
  let secret: string;
  let tokens: string;

  before(async () => {
    app = await startApp();
    secret = (await newAccessToken(app, (await newUser(app, { isAdmin: true })).user, ['api']))
      .secret;
    tokens = `/projects/${(await newProject(app)).id}/deploy_tokens`;
  });

  after(async () => {
    expect(app.log()).not.to.contain('request failed');
    await app.stop();
  });

  async function post(
    type: string | null,
    body: string | Buffer,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await send(app.origin, {
      method: 'POST',
      target: API + tokens,
      headers: {
        'private-token': secret,
        ...(type === null ? {} : { 'content-type': type }),
        ...more,
      },
      body,
    });
    requireDeclared('POST', tokens, answer);
    return answer;
  }

  const NOT_JSON = 'message body does not match declared format';
  for (const [what, body] of [
    ['half an object', '{"name":'],
    ['a list', '[1,2]'],
    ['a text', '"name"'],
    ['a number', '5'],
    ['null', 'null'],
    ['a form', 'name=ci'],
    ['a byte order mark', `\u{feff}{${GOOD}}`],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    [
      'half a surrogate pair in bytes',
      Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    ],
    ['a list of 30 000 levels', '['.repeat(30_000) + ']'.repeat(30_000)],
  ] as const) {
    it(`refuses ${what} as JSON with 400`, async () => {
      const answer = await post(JSON_TYPE, body);

      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal({ error: NOT_JSON });
    });
  }

  for (const [what, body, error] of [
    [
      'a name of 10 000 levels',
      `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)},"scopes":[]}`,
      'name is invalid',
    ],
    [
      'half a surrogate pair by escape',
      '{"name":"\\ud800","scopes":["read_registry"]}',
      'name is invalid',
    ],
    ['scopes that are a number', '{"name":"a","scopes":5}', 'scopes is invalid'],
    [
      'scopes that are an object',
      '{"name":"a","scopes":{"0":"read_registry"}}',
      'scopes is invalid',
    ],
    ['true for a name', '{"name":true,"scopes":["read_registry"]}', 'name is invalid'],
    ['a list for a username', `{${GOOD},"username":["a"]}`, 'username is invalid'],
    ['a date that is an object', `{${GOOD},"expires_at":{}}`, 'expires_at is invalid'],
    ['a date of the year 10000', `{${GOOD},"expires_at":"10000-01-01"}`, 'expires_at is invalid'],
    ['everything in __proto__', `{"__proto__":{${GOOD}}}`, 'name is missing, scopes is missing'],
    [
      'everything in constructor',
      `{"constructor":{"prototype":{${GOOD}}}}`,
      'name is missing, scopes is missing',
    ],
  ] as const) {
    it(`refuses ${what} with 400: ${error}`, async () => {
      const answer = await post(JSON_TYPE, body);

      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal({ error });
    });
  }

  // `{"__proto__":{"isAdmin":true}}`, copied key by key into an object, would give every object that
  // is made afterwards an isAdmin. The keys of a body are never made keys of an object of ours.
  it('lets __proto__ pass as the name of a parameter that there is not', async () => {
    const answer = await post(JSON_TYPE, `{${GOOD},"__proto__":{"polluted":1},"a[__proto__]":2}`);
    const byForm = await post(
      FORM,
      'name=ci&scopes[]=read_registry&__proto__[polluted]=1&__proto__=2',
    );

    expect([answer.status, byForm.status]).to.deep.equal([201, 201]);
    expect(Object.prototype).not.to.have.property('polluted');
  });

  it('passes over fields that it does not know, as GitLab does', async () => {
    const answer = await post(
      JSON_TYPE,
      `{${GOOD},"id":5,"revoked":true,"token":"gldt-mine","x":{}}`,
    );

    expect(answer.status).to.equal(201);
    expect(answer.body).to.include({ revoked: false });
    expect(textIn(answer, 'token')).not.to.equal('gldt-mine');
  });

  for (const [what, body] of [
    ['a broken escape', 'name=%zz'],
    ['an escape that is not UTF-8', 'name=%ff%fe&scopes=read_registry'],
    ['a NUL', 'name=a%00b&scopes=read_registry'],
    ['a raw byte', Buffer.from([0x6e, 0x3d, 0xff])],
    ['a name without a name', '=5'],
  ] as const) {
    it(`refuses ${what} in a form with 400`, async () => {
      const answer = await post(FORM, body);

      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal({ error: 'parameters are not well-formed UTF-8 text' });
    });
  }

  it('refuses a broken query with 400', async () => {
    for (const query of ['search=%zz', 'search=%ff', 'search=%00', '=1']) {
      const answer = await send(app.origin, { method: 'GET', target: `${API}/projects?${query}` });

      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal({ error: 'parameters are not well-formed UTF-8 text' });
    }
  });

  for (const type of ['text/xml', 'text/plain', 'multipart/form-data; boundary=x', null]) {
    it(`refuses a body of the type ${type ?? 'none'} with 415`, async () => {
      const answer = await post(type, `{${GOOD}}`);

      expect(answer.status).to.equal(415);
      expect(answer.body).to.deep.equal({
        error: `The provided content-type '${type ?? ''}' is not supported.`,
      });
    });
  }

  // A kilobyte that unpacks to a gigabyte: nothing is unpacked.
  it('refuses a packed body with 415', async () => {
    const answer = await post(JSON_TYPE, '\u001f\u008b', { 'content-encoding': 'gzip' });

    expect(answer.status).to.equal(415);
  });

  it('takes a body of 64 KiB, and refuses one byte more with 413', async () => {
    const filler = 'x'.repeat(LIMIT - `{${GOOD},"x":""}`.length);

    const answers = [
      await post(JSON_TYPE, `{${GOOD},"x":"${filler}"}`),
      await post(JSON_TYPE, `{${GOOD},"x":"${filler}x"}`),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([201, 413]);
    expect(answers[1]?.body).to.deep.equal({ message: '413 Request Entity Too Large' });
  });

  for (const [how, headers] of [
    ['by its length', { 'content-length': String(1024 * 1024) }],
    ['as it comes, in pieces', { 'transfer-encoding': 'chunked' }],
  ] as const) {
    it(`refuses a megabyte ${how} with 413 and hangs up`, async () => {
      const answer = await fetchLarge(headers);

      expect(answer).to.match(/^HTTP\/1\.1 413 /);
      expect(answer).to.contain('{"message":"413 Request Entity Too Large"}');
      expect(answer.toLowerCase()).to.contain('connection: close');
    });
  }

  async function fetchLarge(headers: Readonly<Record<string, string>>): Promise<string> {
    const { hostname, port } = new URL(app.origin);
    return await new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      let received = '';
      socket.on('data', (data) => {
        received += data.toString();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve(received);
      });
      const head = Object.entries({
        host: 'x',
        'private-token': secret,
        'content-type': JSON_TYPE,
        ...headers,
      })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('');
      socket.write(`POST ${API}${tokens} HTTP/1.1\r\n${head}\r\n`);
      const piece = 'x'.repeat(LIMIT + 1);
      socket.write(
        'transfer-encoding' in headers ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece,
      );
    });
  }

  it('answers every endpoint with every kind of junk with 4xx, never 500', async () => {
    const values = [
      '',
      'null',
      '-1',
      '1e9',
      '\u{1f4a9}',
      "' OR 1=1 --",
      '../../etc',
      '%',
      '__proto__',
    ];
    const bodies = [
      '{}',
      ...[null, [], {}, [[]], 'x', -1, 1e300, true, '\u{1f4a9}', "'; DROP TABLE users"].map(
        (value) =>
          JSON.stringify(
            Object.fromEntries(
              [
                'name',
                'path',
                'scopes',
                'user_id',
                'username',
                'access_level',
                'visibility',
                'password',
              ]
                .concat([
                  'expires_at',
                  'archived',
                  'namespace_path',
                  'namespace_id',
                  'admin',
                  'parent_id',
                  'group_id',
                  'only',
                  'description',
                ])
                .map((name) => [name, value]),
            ),
          ),
      ),
    ];
    for (const endpoint of ENDPOINTS.filter(({ path }) => !path.endsWith('/self'))) {
      for (const [index, value] of values.entries()) {
        const target = endpoint.path.replaceAll(/:\w+/g, encodeURIComponent(value));
        const query = new URLSearchParams(
          Object.keys(endpoint.parameters).map((name) => [name, value]),
        ).toString();
        const body = endpoint.method === 'get' ? '' : (bodies[index] ?? '{}');
        const answer = await send(app.origin, {
          method: endpoint.method.toUpperCase(),
          target: `${API}${target}?${endpoint.method === 'get' ? query : ''}`,
          headers: {
            'private-token': secret,
            'content-type': JSON_TYPE,
            'content-length': String(Buffer.byteLength(body)),
          },
          body,
        });

        expect(answer.status, `${endpoint.method} ${target} ${query}`).to.be.lessThan(500);
        expect(answer.headers['content-type'], `${answer.status} ${target}`).to.equal(
          answer.status === 204 ? undefined : 'application/json',
        );
      }
    }
  }).timeout(30_000);

  for (const [method, target, status, body] of [
    ['GET', '/api', 404, { error: '404 Not Found' }],
    ['GET', '/api/', 404, { error: '404 Not Found' }],
    ['GET', '/api/v3/projects', 404, { error: '404 Not Found' }],
    ['GET', `${API}/nothing`, 404, { error: '404 Not Found' }],
    ['GET', `${API}/projects/tanuki/unencoded`, 404, { error: '404 Not Found' }],
    ['POST', `${API}/%zz`, 404, { error: '404 Not Found' }],
    ['PATCH', `${API}/projects/1`, 405, { error: '405 Not Allowed' }],
    ['DELETE', `${API}/projects`, 405, { error: '405 Not Allowed' }],
    ['OPTIONS', `${API}/projects`, 405, { error: '405 Not Allowed' }],
    // Not those of a user who is called `all`.
    ['PUT', `${API}/projects/1/members/all`, 405, { error: '405 Not Allowed' }],
    ['DELETE', `${API}/groups/1/members/all`, 405, { error: '405 Not Allowed' }],
    ['OPTIONS', `${API}/projects/1/members/all`, 405, { error: '405 Not Allowed' }],
    ['POST', `${API}/personal_access_tokens/self`, 405, { error: '405 Not Allowed' }],
  ] as const) {
    it(`answers ${method} ${target} with ${status} as JSON, also to a browser`, async () => {
      const answer = await send(app.origin, { method, target, headers: { accept: 'text/html' } });

      expect(answer.status).to.equal(status);
      expect(answer.body).to.deep.equal(body);
      if (status === 405) {
        expect(answer.headers.allow).to.match(/^[A-Z]+(, [A-Z]+)*$/);
      }
    });
  }
});
