import { expect } from 'chai';
import { decodeUtf8, parseBasicAuth } from '../../../src/http/basic-auth.js';

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** Username and secret in clear text, which chai could not compare in a Secret. */
function read(header: string): readonly [string, string] | 'malformed' | null {
  const credentials = parseBasicAuth(header);
  return credentials === null || credentials === 'malformed'
    ? credentials
    : [credentials.username, credentials.secret.reveal()];
}

describe('parseBasicAuth', () => {
  it('takes a request without the header for anonymous', () => {
    expect(parseBasicAuth(undefined)).to.equal(null);
  });

  const READABLE = [
    ['a username and a secret', basic('ada:gldt-abc'), ['ada', 'gldt-abc']],
    ['a secret with colons, parted at the first', basic('ada:a:b:'), ['ada', 'a:b:']],
    ['an empty secret', basic('ada:'), ['ada', '']],
    ['an empty username', basic(':secret'), ['', 'secret']],
    ['nothing but the colon', basic(':'), ['', '']],
    ['text beyond ASCII, as UTF-8', basic('zoë:pässwörd €'), ['zoë', 'pässwörd €']],
    ['blanks, which belong to the secret', basic('ada: a b '), ['ada', ' a b ']],
    ['a byte order mark, which is part of the username', basic('\ufeffada:x'), ['\ufeffada', 'x']],
    ['a scheme in lower case', basic('ada:x').replace('Basic', 'basic'), ['ada', 'x']],
    ['a scheme in upper case', basic('ada:x').replace('Basic', 'BASIC'), ['ada', 'x']],
    ['several blanks after the scheme', basic('ada:x').replace(' ', '   '), ['ada', 'x']],
    ['base64 with its padding', 'Basic YTpiYg==', ['a', 'bb']],
    ['base64 without its padding', 'Basic YTpiYg', ['a', 'bb']],
    ['base64 with half of its padding', 'Basic YTpiYg=', ['a', 'bb']],
  ] as const;

  for (const [title, header, expected] of READABLE) {
    it(`reads ${title}`, () => {
      expect(read(header)).to.deep.equal(expected);
    });
  }

  // Whoever sends a header means to be somebody, and must not be let in as anonymous.
  const MALFORMED = [
    ['an empty header', ''],
    ['another scheme', 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.AA'],
    ['a scheme that only begins alike', basic('a:b').replace('Basic', 'Basics')],
    ['the scheme alone', 'Basic'],
    ['the scheme and a blank', 'Basic '],
    ['no blank after the scheme', basic('a:b').replace(' ', '')],
    ['a tab after the scheme', basic('a:b').replace(' ', '\t')],
    ['something before the scheme', ` ${basic('a:b')}`],
    ['something after the base64', `${basic('a:b')} x`],
    ['two headers in one', `${basic('a:b')}, ${basic('c:d')}`],
    ['padding in the middle', 'Basic YTpi=YWJj'],
    ['too much padding', 'Basic YTpiYg==='],
    ['the URL-safe alphabet', 'Basic YTo_Pz8_'],
    ['clear text', 'Basic ada:secret'],
    ['no colon', basic('ada')],
    ['no text at all', basic('')],
    ['bytes that are not UTF-8', basic(Buffer.from('616461 3a ff fe'.replaceAll(' ', ''), 'hex'))],
    ['an overlong encoding', basic(Buffer.from('61 3a c0 80'.replaceAll(' ', ''), 'hex'))],
    ['half of a surrogate pair', basic(Buffer.from('61 3a ed a0 80'.replaceAll(' ', ''), 'hex'))],
    ['a NUL in the username', basic('a\0da:x')],
    ['a NUL in the secret', basic('ada:x\0')],
    ['a line break in the secret', basic('ada:x\r\nX-Evil: 1')],
    ['a C1 control character', basic('ada:\u0085')],
  ] as const;

  for (const [title, header] of MALFORMED) {
    it(`calls ${title} malformed`, () => {
      expect(read(header)).to.equal('malformed');
    });
  }
});

describe('decodeUtf8', () => {
  it('reads what is UTF-8', () => {
    expect(decodeUtf8(Buffer.from('zoë €'))).to.equal('zoë €');
  });

  it('gives nothing for what is not', () => {
    expect(decodeUtf8(Buffer.from([0xff]))).to.equal(null);
  });
});
