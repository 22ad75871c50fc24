import { expect } from 'chai';
import { withApp } from '../support/with-app.js';
import {
  basic,
  errorOf,
  FORM,
  METHODS,
  send,
  sendRaw,
  SERVICE,
  type Answer,
  type Login,
  type Method,
} from '../support/token-client.js';
import { newAccessToken, newProjectAndToken, newUser, requestLine } from './app-data.js';

const GET = `/token?service=${SERVICE}`;

const LINE_BREAKS: Readonly<Record<string, (login: Login) => Login>> = {
  'the secret': ({ username, secret }) => ({ username, secret: `${secret}\n` }),
  'the secret, as Windows writes it': ({ username, secret }) => ({
    username,
    secret: `${secret}\r\n`,
  }),
  'the username': ({ username, secret }) => ({ username: `${username}\n`, secret }),
};

// What is in a Secret or a variable is seldom what was meant to be: a file and `echo` add a line break,
// `base64` wraps, an editor saves Latin-1. BuildKit gives up after a 400 and prints nothing that helps, so
// all of it is 401, and each says what it is. None says whose the credentials are.
describe('credentials that are not written as they should be', () => {
  const app = withApp();

  async function present(method: Method, { username, secret }: Login): Promise<Answer> {
    const form = `username=${encodeURIComponent(username)}&password=${encodeURIComponent(secret)}`;
    return await (method === 'GET' ? getWith(basic({ username, secret })) : postWith(form));
  }

  async function getWith(authorization: string): Promise<Answer> {
    return await send(app.origin, { method: 'GET', target: GET, headers: { authorization } });
  }

  async function postWith(fields: string): Promise<Answer> {
    return await send(app.origin, {
      method: 'POST',
      target: '/token',
      headers: { 'content-type': FORM },
      body: Buffer.from(`grant_type=password&service=${SERVICE}&${fields}`, 'latin1'),
    });
  }

  async function lineOf({ headers }: Answer): Promise<Record<string, unknown>> {
    return await requestLine(app, headers['x-request-id']);
  }

  for (const method of METHODS) {
    for (const [what, change] of Object.entries(LINE_BREAKS)) {
      it(`by ${method}, a line break behind ${what}: are told so, and the log knows the token`, async () => {
        const { token, login } = await newProjectAndToken(app);

        const answer = await present(method, change(login));

        expect(answer.status).to.equal(401);
        expect(errorOf(answer).message).to.contain('ends with a line break');
        expect(await lineOf(answer)).to.include({ refusal: 'line_break', deployToken: token.id });
      });
    }

    it(`by ${method}, a line break behind a personal access token: the log knows whose`, async () => {
      const { user } = await newUser(app);
      const { username, secret } = await newAccessToken(app, user, ['read_registry']);

      const answer = await present(method, { username, secret: `${secret}\n` });

      expect(await lineOf(answer)).to.include({ refusal: 'line_break', user: user.username });
    });

    it(`by ${method}, a line break behind a wrong secret: are told in the same bytes`, async () => {
      const { login } = await newProjectAndToken(app);

      const good = await present(method, { ...login, secret: `${login.secret}\n` });
      const wrong = await present(method, { ...login, secret: 'gldt-wrong\n' });

      expect(good.text).to.equal(wrong.text);
      expect(await lineOf(wrong)).not.to.have.property('deployToken');
    });

    it(`by ${method}, a NUL: are told so`, async () => {
      const answer = await present(method, { username: 'robot', secret: 'gldt-\0' });

      expect(answer.status).to.equal(401);
      expect(errorOf(answer).message).to.contain('control character');
    });
  }

  const OTHERS: readonly (readonly [string, () => Promise<Answer>, string, string])[] = [
    ['Latin-1 in the header', () => getWith(latin1('robot:passw\u00f6rd')), 'not_utf8', 'UTF-8'],
    ['no colon', () => getWith(latin1('gldt-abc')), 'no_colon', 'no colon'],
    ['wrapped base64', () => getWith('Basic cm9ib3Q6 Z2xkdA=='), 'wrapped_base64', 'wrapped'],
    ['no base64', () => getWith('Basic robot:gldt-abc'), 'not_base64', 'not base64'],
    ['a bearer token', () => getWith('Bearer gldt-abc'), 'not_basic', 'not HTTP Basic'],
    ['Latin-1 in the form', () => postWith('username=a&password=%F6'), 'not_utf8', 'UTF-8'],
    ['a % as it is', () => postWith('username=a&password=50%off'), 'broken_escape', 'no escape'],
  ];
  for (const [what, ask, fault, text] of OTHERS) {
    it(`are told: ${what}`, async () => {
      const answer = await ask();

      expect(answer.status).to.equal(401);
      expect(errorOf(answer).message).to.contain(text);
      expect(await lineOf(answer)).to.include({ refusal: fault });
    });
  }

  it('are told: base64 that goes on in the next line, which is no HTTP', async () => {
    const answer = await sendRaw(
      app.origin,
      `GET ${GET} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${'a'.repeat(76)}\nYWFh\r\n\r\n`,
    );

    expect(answer.status).to.equal(401);
    expect(errorOf(answer).message).to.contain('wrapped');
  });

  it('are read where UTF-8 comes without escapes, as curl sends it', async () => {
    const { user } = await newUser(app);

    const answer = await postWith(`username=${user.username}&password=\u00c3\u00b6`);

    expect(await lineOf(answer)).to.include({ refusal: 'wrong_password' });
  });

  it('are told so at the git door, too', async () => {
    const { project, token, login } = await newProjectAndToken(app);

    const answer = await send(app.origin, {
      method: 'GET',
      target: `/${project.path}.git/info/refs?service=git-upload-pack`,
      headers: { authorization: basic({ ...login, secret: `${login.secret}\n` }) },
    });

    expect(answer.status).to.equal(401);
    expect(answer.text).to.contain('ends with a line break');
    expect(await lineOf(answer)).to.include({ refusal: 'line_break', deployToken: token.id });
  });
});

function latin1(text: string): string {
  return `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
}
