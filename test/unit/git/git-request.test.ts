import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'chai';
import { gitProtocol, parseGitRequest, type GitOperation } from '../../../src/git/git-request.js';

function aRequest(
  method: string,
  url: string,
  headers: Record<string, string> = {},
): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  return Object.assign(request, { method, url, headers });
}

const FETCH: GitOperation = { service: 'git-upload-pack', step: 'advertise' };
const PUSH: GitOperation = { service: 'git-receive-pack', step: 'advertise' };

describe('parseGitRequest', () => {
  const SERVED: readonly (readonly [string, string, string, GitOperation])[] = [
    ['GET', '/a/b.git/info/refs?service=git-upload-pack', 'a/b', FETCH],
    ['GET', '/a/b/info/refs?service=git-upload-pack', 'a/b', FETCH],
    ['GET', '/a/b.git/info/refs?service=git-receive-pack', 'a/b', PUSH],
    ['GET', '/a/b.git/info/refs?&service=git-upload-pack&', 'a/b', FETCH],
    ['POST', '/a/b.git/git-upload-pack', 'a/b', { ...FETCH, step: 'exchange' }],
    ['POST', '/a/b/git-upload-pack', 'a/b', { ...FETCH, step: 'exchange' }],
    ['POST', '/a/b.git/git-upload-pack?', 'a/b', { ...FETCH, step: 'exchange' }],
    ['POST', '/a/b/git-receive-pack', 'a/b', { ...PUSH, step: 'exchange' }],
    ['GET', '/A/b_c/D.e.git/info/refs?service=git-upload-pack', 'A/b_c/D.e', FETCH],
    ['GET', '/a/info/refs/info/refs?service=git-upload-pack', 'a/info/refs', FETCH],
    ['GET', '/a/objects.git/info/refs?service=git-upload-pack', 'a/objects', FETCH],
    ['GET', '/a/objects/info/refs?service=git-upload-pack', 'a/objects', FETCH],
    ['GET', '/a/objects/b.git/info/refs?service=git-upload-pack', 'a/objects/b', FETCH],
    ['POST', '/a/objects/b/git-upload-pack', 'a/objects/b', { ...FETCH, step: 'exchange' }],
    [
      'POST',
      '/a/git-upload-pack/git-upload-pack',
      'a/git-upload-pack',
      { ...FETCH, step: 'exchange' },
    ],
    // No project can be called so; the path goes on as it is and is not found.
    ['GET', '/a/b.git.git/info/refs?service=git-upload-pack', 'a/b.git', FETCH],
    ['GET', '//a/b/info/refs?service=git-upload-pack', '/a/b', FETCH],
    ['GET', '/a/../b.git/info/refs?service=git-upload-pack', 'a/../b', FETCH],
    ['GET', '/a/%2e%2e/b.git/info/refs?service=git-upload-pack', 'a/%2e%2e/b', FETCH],
    ['GET', '/.git/info/refs?service=git-upload-pack', '.git', FETCH],
  ];
  for (const [method, url, projectPath, operation] of SERVED) {
    it(`reads ${method} ${url}`, () => {
      const request = parseGitRequest(aRequest(method, url));

      expect(request).to.deep.equal({ projectPath, operation });
    });
  }

  const REFUSED: readonly (readonly [string, string])[] = [
    ['GET', '/a/b.git/info/refs'],
    ['GET', '/a/b.git/info/refs?'],
    ['GET', '/a/b.git/info/refs?service='],
    ['GET', '/a/b.git/info/refs?service=git-upload-archive'],
    ['GET', '/a/b.git/info/refs?service=git-upload-pack%00'],
    ['GET', '/a/b.git/info/refs?service=git-upload-pack%20'],
    ['GET', '/a/b.git/info/refs?service=Git-Upload-Pack'],
    ['GET', '/a/b.git/info/refs?service=git-upload-pack&service=git-upload-pack'],
    ['GET', '/a/b.git/info/refs?service=git-upload-pack&service=git-receive-pack'],
    ['GET', '/a/b.git/info/refs?service=git-upload-pack&x=1'],
    ['GET', '/a/b.git/info/refs?service=git-upload-pack?x=1'],
    ['GET', '/a/b.git/info/refs?service=git-upload-pack&%zz'],
    ['HEAD', '/a/b.git/info/refs?service=git-upload-pack'],
    ['POST', '/a/b.git/info/refs?service=git-upload-pack'],
    ['OPTIONS', '/a/b.git/info/refs?service=git-upload-pack'],
    ['GET', '/a/b.git/git-upload-pack'],
    ['PUT', '/a/b.git/git-receive-pack'],
    ['POST', '/a/b.git/git-upload-pack?service=git-receive-pack'],
    ['POST', '/a/b.git/git-upload-archive'],
    ['GET', '/a/b.git/HEAD'],
    ['GET', '/a/b/HEAD'],
    ['GET', '/a/b.git/objects/info/packs'],
    ['GET', '/a/b.git/objects/info/alternates'],
    ['GET', `/a/b.git/objects/ab/${'c'.repeat(38)}`],
    ['GET', `/a/b.git/objects/pack/pack-${'a'.repeat(40)}.pack`],
    ['GET', `/a/b.git/objects/pack/pack-${'a'.repeat(40)}.idx`],
  ];
  for (const [method, url] of REFUSED) {
    it(`knows ${method} ${url} for a git address that is not served`, () => {
      const request = parseGitRequest(aRequest(method, url));

      expect(request?.operation).to.equal(null);
    });
  }

  for (const url of [
    '/',
    '',
    '*',
    '/info/refs',
    '/info/refs?service=git-upload-pack',
    '/git-upload-pack',
    '/a/b.git',
    '/a/b.git/',
    '/a/b/info',
    '/a/b/info/refs/',
    '/a/b/info/refsx',
    '/a/b.git/config',
    '/a/b.git/hooks/update',
    '/a/b?x=/info/refs',
    '/token?service=git-upload-pack',
    'http://host/a/b.git/info/refs?service=git-upload-pack',
  ]) {
    it(`leaves ${url || 'an empty address'} to others`, () => {
      const request = parseGitRequest(aRequest('GET', url));

      expect(request).to.equal(null);
    });
  }
});

describe('gitProtocol', () => {
  for (const value of ['version=0', 'version=1', 'version=2']) {
    it(`takes ${value}`, () => {
      const protocol = gitProtocol(aRequest('GET', '/', { 'git-protocol': value }));

      expect(protocol).to.equal(value);
    });
  }

  for (const value of [
    '',
    'version=',
    'version=3',
    'version=22',
    ' version=2',
    'version=2 ',
    'version=2:evil',
    'version=2, version=2',
    'version=2\n',
    'version=2\0',
    'VERSION=2',
    'x=version=2',
  ]) {
    it(`takes no ${JSON.stringify(value)}`, () => {
      const protocol = gitProtocol(aRequest('GET', '/', { 'git-protocol': value }));

      expect(protocol).to.equal(null);
    });
  }

  it('takes none from a client that sends none', () => {
    const protocol = gitProtocol(aRequest('GET', '/'));

    expect(protocol).to.equal(null);
  });
});
