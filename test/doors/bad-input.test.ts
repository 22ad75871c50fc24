import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { withApp } from '../support/with-app.js';
import {
  ask,
  askByGet,
  basic,
  errorOf,
  FORM,
  grantedBy,
  METHODS,
  repository,
  send,
  sendRaw,
  SERVICE,
  type Answer,
  type HttpRequest,
  type Login,
} from '../support/token-client.js';
import { linesOf, newProjectAndToken, requestLine } from './app-data.js';

const MEGABYTE = 1024 * 1024;
/** Stands in everything that these tests send and no answer or log line may repeat. */
const SECRET = 'gldt-Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4';
const GET = `/token?service=${SERVICE}`;

type Statuses = readonly number[];

describe('token endpoint with bad input', () => {
  const app = withApp();
  let good: Login;
  let path: string;

  before(async () => {
    const made = await newProjectAndToken(app);
    good = made.login;
    path = made.project.path;
  });

  /** Good requests go on being answered, with the same access as ever. */
  async function expectGoodRequestAnswered(): Promise<void> {
    const answer = await askByGet(app.origin, { login: good, scopes: [`repository:${path}:pull`] });
    expect(grantedBy(answer)).to.deep.equal([repository(path, 'pull')]);
  }

  async function expectRefusal(answer: Answer, statuses: Statuses): Promise<void> {
    expect(answer.status).to.be.oneOf([...statuses]);
    const { code, message } = errorOf(answer);
    expect(code).to.match(/^[A-Z_]+$/);
    expect(message).to.match(/^[A-Z].*\.$/);
    expect(answer.text).not.to.contain('"token"');
    expect(answer.text).not.to.contain(SECRET);
    expect(JSON.stringify(answer.headers)).not.to.contain(SECRET);
    await expectGoodRequestAnswered();
  }

  describe('in the Authorization header', () => {
    const headers: Readonly<Record<string, string>> = {
      'that is empty': '',
      'that is no known scheme': `Digest username="${SECRET}"`,
      'that is a bearer token': `Bearer ${SECRET}`,
      'that is Basic and nothing more': 'Basic',
      'that is Basic and a blank': 'Basic ',
      'with characters that are not base64': `Basic ${SECRET}!!!`,
      'with base64url': `Basic ${base64('a:ÿ?>~~~').replaceAll('+', '-').replaceAll('/', '_')}__--`,
      'with two values': `Basic ${base64(`u:${SECRET}`)} ${base64(`u:${SECRET}`)}`,
      'without a colon': `Basic ${base64(SECRET)}`,
      'with nothing but a colon': `Basic ${base64(':')}`,
      'with an empty username': `Basic ${base64(`:${SECRET}`)}`,
      'with an empty secret': `Basic ${base64('robot:')}`,
      'with a NUL in the username': `Basic ${base64(`ro\0bot:${SECRET}`)}`,
      'with a NUL in the secret': `Basic ${base64(`robot:${SECRET}\0`)}`,
      'with a line break in the secret': `Basic ${base64(`robot:${SECRET}\r\n`)}`,
      'with bytes that are not UTF-8': `Basic ${base64(Buffer.from([0x75, 0x3a, 0xff, 0xfe]))}`,
      'with half a surrogate pair': `Basic ${base64(Buffer.from([0x75, 0x3a, 0xed, 0xa0, 0x80]))}`,
    };
    for (const [what, authorization] of Object.entries(headers)) {
      // A header that is there and cannot be read is taken for no header: the caller becomes
      // anonymous, `docker login` with an empty password says that it succeeded, and an empty
      // secret matches an empty column. Whoever sends credentials is judged by them, or refused.
      it(`refuses one ${what}`, async () => {
        const answer = await send(app.origin, {
          method: 'GET',
          // With a scope: what cannot be read must not pass as anonymous.
          target: `${GET}&scope=repository:${path}:pull`,
          headers: { authorization },
        });

        await expectRefusal(answer, [401]);
      });
    }

    it('tells a caller who cannot be read so, whatever else is missing', async () => {
      const answer = await send(app.origin, {
        method: 'GET',
        target: '/token',
        headers: { authorization: `Bearer ${SECRET}` },
      });

      await expectRefusal(answer, [401]);
    });

    it('takes it as a wrong secret when the genuine one has a NUL behind it', async () => {
      const login = { ...good, secret: `${good.secret}\0` };

      const answer = await askByGet(app.origin, { login });

      await expectRefusal(answer, [401]);
      expect(answer.text).not.to.contain(good.secret);
    });
  });

  describe('in the query', () => {
    const targets: Readonly<Record<string, string>> = {
      'a service of another registry': `/token?service=other&password=${SECRET}`,
      'no parameter at all': '/token',
      'an empty service': '/token?service=',
      'two services': `${GET}&service=other`,
      'the account twice': `${GET}&account=a&account=b`,
      'the client_id twice': `${GET}&client_id=a&client_id=b`,
      'a broken percent escape': `${GET}&scope=%`,
      'a broken percent escape in a name': `${GET}&%zz=1`,
      'an escape that is not UTF-8': `${GET}&scope=%ff%fe`,
      'an overlong encoding': `${GET}&scope=%c0%af`,
      'a NUL': `${GET}&scope=repository:${SECRET}%00:pull`,
      'a NUL in a parameter that nobody reads': `${GET}&other=%00`,
      'a line break': `${GET}&scope=a%0d%0aSet-Cookie:%20a=b`,
      'a parameter without a name': `${GET}&=1`,
    };
    for (const [what, target] of Object.entries(targets)) {
      it(`refuses ${what}`, async () => {
        const answer = await send(app.origin, {
          method: 'GET',
          target,
          headers: { authorization: basic(good) },
        });

        await expectRefusal(answer, [400]);
      });
    }

    it('reads no credentials from it', async () => {
      const { username, secret } = good;
      const query = new URLSearchParams({
        access_token: secret,
        token: secret,
        private_token: secret,
        username,
        account: username,
        password: secret,
        scope: `repository:${path}:pull`,
      });

      const answer = await send(app.origin, {
        method: 'GET',
        target: `${GET}&${query.toString()}`,
      });

      expect(answer.status).to.equal(200);
      expect(grantedBy(answer)).to.deep.equal([]);
    });

    it('answers a scope as long as scopes get, without granting what it names', async () => {
      const scopes = [`repository:${path}${'/a'.repeat(2000)}:pull`, `repository:${path}:pull`];

      const answer = await askByGet(app.origin, { login: good, scopes });

      expect(grantedBy(answer)).to.deep.equal([repository(path, 'pull')]);
    });
  });

  describe('in the form', () => {
    const login = `username=robot&password=${SECRET}`;
    const form = `grant_type=password&service=${SERVICE}&${login}`;
    const bodies: Readonly<Record<string, readonly [string | Buffer, Statuses]>> = {
      'an empty body': ['', [400]],
      'no grant_type': [`service=${SERVICE}&${login}`, [400]],
      'another grant_type': [`grant_type=client_credentials&service=${SERVICE}&${login}`, [400]],
      'an authorization code': [`grant_type=authorization_code&code=${SECRET}`, [400]],
      'a refresh token': [
        `grant_type=refresh_token&service=${SERVICE}&refresh_token=${SECRET}`,
        [401],
      ],
      'no service': [`grant_type=password&${login}`, [400]],
      'a service of another registry': [`grant_type=password&service=other&${login}`, [400]],
      'no username': [`grant_type=password&service=${SERVICE}&password=${SECRET}`, [401]],
      'no password': [`grant_type=password&service=${SERVICE}&username=robot`, [401]],
      'an empty username': [
        `grant_type=password&service=${SERVICE}&username=&password=${SECRET}`,
        [401],
      ],
      'an empty password': [
        `grant_type=password&service=${SERVICE}&username=robot&password=`,
        [401],
      ],
      'two grant_types': [`${form}&grant_type=refresh_token`, [400]],
      'two services': [`${form}&service=other`, [400]],
      'two usernames': [`${form}&username=root`, [401]],
      'two passwords': [`${form}&password=x${SECRET}`, [401]],
      'two client_ids': [`${form}&client_id=a&client_id=b`, [400]],
      'a broken percent escape': [`${form}&scope=%4`, [400]],
      'a NUL in the password': [`${form}%00`, [401]],
      'a NUL as it is': [`${form}\0`, [401]],
      'an escape that is not UTF-8': [`${form}%ff`, [401]],
      'bytes that are not UTF-8': [Buffer.from(`${form}\u00ff`, 'latin1'), [401]],
      JSON: [JSON.stringify({ username: 'robot', password: SECRET }), [400]],
      'more parameters than anybody needs': [`${'a&'.repeat(30_000)}${form}`, [400, 401, 413]],
    };
    for (const [what, [body, statuses]] of Object.entries(bodies)) {
      it(`refuses ${what}`, async () => {
        const answer = await send(app.origin, {
          method: 'POST',
          target: '/token',
          headers: { 'content-type': FORM },
          body,
        });

        await expectRefusal(answer, statuses);
      });
    }

    for (const type of ['', 'application/json', 'multipart/form-data; boundary=a', 'text/plain']) {
      it(`refuses the content type "${type}", with the 400 that lets containerd go on`, async () => {
        const answer = await send(app.origin, {
          method: 'POST',
          target: '/token',
          headers: type === '' ? {} : { 'content-type': type },
          body: form,
        });

        await expectRefusal(answer, [400]);
      });
    }

    it('refuses a compressed body, whose length says nothing', async () => {
      const answer = await send(app.origin, {
        method: 'POST',
        target: '/token',
        headers: { 'content-type': FORM, 'content-encoding': 'gzip' },
        body: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
      });

      await expectRefusal(answer, [400]);
    });

    it('never takes the Authorization header for what the form lacks', async () => {
      const answer = await send(app.origin, {
        method: 'POST',
        target: '/token',
        headers: { 'content-type': FORM, authorization: basic(good) },
        body: `grant_type=password&service=${SERVICE}`,
      });

      await expectRefusal(answer, [401]);
    });
  });

  describe('that is too much', () => {
    const post = `POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: ${FORM}\r\n`;

    it('refuses a header of 1 MB and hangs up', async () => {
      const answer = await sendRaw(
        app.origin,
        `GET ${GET} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${'A'.repeat(MEGABYTE)}\r\n\r\n`,
      );

      await expectRefusal(answer, [400, 413]);
    });

    it('refuses a body that is declared with 1 MB before it is there, and hangs up', async () => {
      const answer = await sendRaw(app.origin, `${post}Content-Length: ${MEGABYTE}\r\n\r\n`);

      await expectRefusal(answer, [413]);
      expect(answer.headers.connection).to.equal('close');
    });

    it('refuses a body of 1 MB in one piece and hangs up', async () => {
      const answer = await sendRaw(
        app.origin,
        `${post}Content-Length: ${MEGABYTE}\r\n\r\n`,
        Buffer.alloc(MEGABYTE, 'a'),
      );

      await expectRefusal(answer, [413]);
      expect(answer.headers.connection).to.equal('close');
    });

    it('refuses 1 MB in chunks, whose sum nobody declared, and hangs up', async () => {
      const chunk = `400\r\n${'a'.repeat(1024)}\r\n`;

      const answer = await sendRaw(
        app.origin,
        `${post}Transfer-Encoding: chunked\r\n\r\n`,
        chunk.repeat(1024),
        '0\r\n\r\n',
      );

      await expectRefusal(answer, [413]);
      expect(answer.headers.connection).to.equal('close');
    });
  });

  describe('that is not HTTP', () => {
    const messages: Readonly<Record<string, string>> = {
      'a greeting': `EHLO ${SECRET}\r\n\r\n`,
      'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'a target with a raw byte': `GET ${GET}\xff HTTP/1.1\r\nHost: a\r\n\r\n`,
      'a header with a NUL': `GET ${GET} HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n`,
      'a header without a colon': `GET ${GET} HTTP/1.1\r\nHost: a\r\nBasic ${SECRET}\r\n\r\n`,
      // Whoever stands in front might read the other one and see two requests in it: smuggling.
      'two lengths': `POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naa`,
      'a length and chunks': `POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'a negative length': `POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n`,
    };
    for (const [what, message] of Object.entries(messages)) {
      it(`refuses ${what}, in JSON all the same`, async () => {
        const answer = await sendRaw(app.origin, Buffer.from(message, 'latin1'));

        await expectRefusal(answer, [400]);
      });
    }
  });

  describe('that is a target of another form', () => {
    // A proxy is asked for whole URLs. Reading the path of one that is no URL throws, and where that
    // happened after the answer, in the log line, nobody caught it: one request ended the process.
    for (const target of [
      'http://xn--a/token',
      'http://[/token',
      'http://a]/token',
      'http://u@:80',
      '*',
    ]) {
      it(`lives on after ${target}`, async () => {
        const method = target === '*' ? 'OPTIONS' : 'GET';

        const answer = await sendRaw(
          app.origin,
          `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        );

        expect(answer.status).to.be.oneOf([400, 404]);
        expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8');
        await expectGoodRequestAnswered();
      });
    }
  });

  describe('that is never over', () => {
    // A client declares a body, sends a part of it, and keeps the rest for later, one byte at a time.
    // The answer needs no body and is out at once, but a server that goes on reading holds a
    // connection for each such client, for ever. It hangs up instead, and so this ends.
    for (const target of ['/-/health', '/nothing/here', '/', '/token']) {
      it(`is answered, and hung up on: POST ${target}`, async () => {
        const answer = await sendRaw(
          app.origin,
          `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\na`,
        );

        expect(answer.status).to.be.within(400, 499);
        expect(answer.headers['connection']).to.equal('close');
      });
    }
  });

  describe('that stops half-way', () => {
    it('lives on, and takes it for no failure of its own', async () => {
      const userAgent = 'gone-before-the-end';
      const socket = connect(app.service.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(
        `POST /token HTTP/1.1\r\nHost: a\r\nUser-Agent: ${userAgent}\r\nContent-Type: ${FORM}\r\n` +
          `Content-Length: 1000\r\n\r\npassword=${SECRET}`,
      );
      // A second request, answered: by then the first one has arrived too.
      await expectGoodRequestAnswered();

      socket.destroy();

      const line = await lineWith('userAgent', userAgent);
      expect(line['status']).to.equal(499);
      await expectGoodRequestAnswered();
      const lines = linesOf(app).filter(({ requestId }) => requestId === line['requestId']);
      expect(lines).to.deep.equal([line]);
    });
  });

  describe('in the log', () => {
    it('leaves one line for each request, with the id that its answer carries', async () => {
      const requests: readonly HttpRequest[] = [
        { method: 'GET', target: GET, headers: { authorization: basic(good) } },
        { method: 'GET', target: GET, headers: { authorization: 'junk' } },
        { method: 'GET', target: '/token?service=other' },
        { method: 'POST', target: '/token', headers: { 'content-type': FORM }, body: 'a=%' },
        { method: 'PUT', target: '/token' },
        { method: 'HEAD', target: GET },
        { method: 'GET', target: '/nowhere' },
      ];

      const answers: Answer[] = [];
      for (const request of requests) {
        answers.push(await send(app.origin, request));
      }

      for (const [index, { status, headers }] of answers.entries()) {
        const requestId = headers['x-request-id'];
        const line = await requestLine(app, requestId);
        const lines = linesOf(app).filter((other) => other['requestId'] === requestId);
        expect(lines).to.deep.equal([line]);
        expect(line).to.include({ status, method: requests[index]?.method });
      }
    });

    it('keeps out the secret in a whole URL, which only a proxy is asked for', async () => {
      const secret = 'gldt-c2VjcmV0LWluLWEtdXJsLW5vdC1sb2dnZWQ';

      const answer = await sendRaw(
        app.origin,
        `GET http://robot:${secret}@a${GET} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );

      await requestLine(app, answer.headers['x-request-id']);
      expect(answer.status).to.equal(400);
      expect(app.log()).not.to.contain(secret);
    });

    // Logs are read by more people than the database, and are shipped to other machines. containerd
    // puts the password into the body, docker into a header, others into the query by mistake.
    // Whatever came in and whatever went out, none of it may stand in the log.
    it('keeps secrets, tokens and headers out, of whatever was refused or granted', async () => {
      const secrets = [SECRET, good.secret];
      const encoded = secrets.flatMap((secret) =>
        ['robot', good.username, ''].map((username) => base64(`${username}:${secret}`)),
      );
      const wrong = { username: good.username, secret: SECRET };

      for (const method of METHODS) {
        await ask(app.origin, method, { login: good });
        await ask(app.origin, method, { login: wrong });
        const { headers } = await ask(app.origin, method, { login: good, service: SECRET });
        await requestLine(app, headers['x-request-id']);
      }

      const log = app.log();
      expect(linesOf(app).some(({ refusal }) => refusal === 'unknown')).to.equal(true);
      for (const text of [...secrets, ...encoded]) {
        expect(log).not.to.contain(text);
      }
      expect(log).not.to.match(/eyJ[\w-]+\.[\w-]+/);
      expect(log).not.to.match(/basic [a-z0-9+/]/i);
      expect(log).not.to.contain('password=');
    });
  });

  async function lineWith(field: string, value: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = linesOf(app).find((each) => each[field] === value);
      if (line !== undefined) {
        return line;
      }
      // Time passes: this asks the app for something, which lets it go on.
      await askByGet(app.origin, { login: good });
    }
  }
});

function base64(text: string | Buffer): string {
  return Buffer.from(text).toString('base64');
}
