import { expect } from 'chai';
import { isFaulty } from '../../../src/credentials.js';
import { parseBasicAuth } from '../../../src/http/basic-auth.js';
import { decodeUtf8 } from '../../../src/http/utf8.js';

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** Username and secret in clear text, which chai could not compare in a Secret; or what is wrong. */
function read(header: string): readonly [string, string] | string | null {
  const presented = parseBasicAuth(header);
  if (presented === null) {
    return null;
  }
  return isFaulty(presented) ? presented.fault : [presented.username, presented.secret.reveal()];
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
  const FAULTY = [
    ['an empty header', '', 'not_basic'],
    ['another scheme', 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.AA', 'not_basic'],
    ['a scheme that only begins alike', basic('a:b').replace('Basic', 'Basics'), 'not_basic'],
    ['the scheme alone', 'Basic', 'not_base64'],
    ['the scheme and a blank', 'Basic ', 'not_base64'],
    ['no blank after the scheme', basic('a:b').replace(' ', ''), 'not_basic'],
    ['a tab after the scheme', basic('a:b').replace(' ', '\t'), 'not_base64'],
    ['something before the scheme', ` ${basic('a:b')}`, 'not_basic'],
    ['something after the base64', `${basic('a:b')} !`, 'not_base64'],
    ['two headers in one', `${basic('a:b')}, ${basic('c:d')}`, 'not_base64'],
    ['padding in the middle', 'Basic YTpi=YWJj', 'not_base64'],
    ['too much padding', 'Basic YTpiYg===', 'not_base64'],
    ['the URL-safe alphabet', 'Basic YTo_Pz8_', 'not_base64'],
    ['clear text', 'Basic ada:secret', 'not_base64'],
    ['base64 that was wrapped', `${basic('ada:gldt-')} ${basic('abc').slice(6)}`, 'wrapped_base64'],
    ['no colon', basic('ada'), 'no_colon'],
    ['no colon, and a line break', basic('ada\n'), 'no_colon'],
    ['no text at all', basic(''), 'not_base64'],
    ['bytes that are not UTF-8', basic(Buffer.from('6164613afffe', 'hex')), 'not_utf8'],
    ['an overlong encoding', basic(Buffer.from('613ac080', 'hex')), 'not_utf8'],
    ['half of a surrogate pair', basic(Buffer.from('613aeda080', 'hex')), 'not_utf8'],
    ['a NUL in the username', basic('a\0da:x'), 'control_character'],
    ['a NUL in the secret', basic('ada:x\0'), 'control_character'],
    ['a NUL before a line break', basic('ada:x\0\n'), 'control_character'],
    ['a line break within the secret', basic('ada:x\r\nX-Evil: 1'), 'control_character'],
    ['a C1 control character', basic('ada:\u0085'), 'control_character'],
    ['a line break at the end', basic('ada:x\n'), 'line_break'],
    ['several line breaks at the end', basic('ada:x\r\n\n'), 'line_break'],
    ['a line break behind the username', basic('ada\n:x'), 'line_break'],
  ] as const;

  for (const [title, header, fault] of FAULTY) {
    it(`finds ${title} to be faulty: ${fault}`, () => {
      expect(read(header)).to.equal(fault);
    });
  }

  it('gives what stands before a line break, by which its owner is found', () => {
    const presented = parseBasicAuth(basic('ada\r\n:gldt-abc\n'));

    const trimmed = presented !== null && isFaulty(presented) ? presented.trimmed : null;
    expect(trimmed?.username).to.equal('ada');
    expect(trimmed?.secret.reveal()).to.equal('gldt-abc');
  });
});

describe('decodeUtf8', () => {
  it('reads what is UTF-8', () => {
    expect(decodeUtf8(Buffer.from('zoë €'))).to.equal('zoë €');
  });

  it('gives nothing for what is not', () => {
    expect(decodeUtf8(Buffer.from([0xff]))).to.equal(null);
  });
});
