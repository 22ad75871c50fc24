import { expect } from 'chai';
import { decodeAnyText, decodingFault, parseForm } from '../../../src/http/form.js';

describe('parseForm', () => {
  const WELL_FORMED: readonly (readonly [string, readonly (readonly [string, string[]])[]])[] = [
    ['', []],
    ['&&', []],
    ['a=1', [['a', ['1']]]],
    ['a=', [['a', ['']]]],
    ['a', [['a', ['']]]],
    ['a=b=c', [['a', ['b=c']]]],
    ['a=%3D%26', [['a', ['=&']]]],
    ['a=x+y%20z%2B', [['a', ['x y z+']]]],
    ['a=zo%C3%AB', [['a', ['zoë']]]],
    ['a=%F0%9F%A6%9D', [['a', ['🦝']]]],
    ['sc%6Fpe=x', [['scope', ['x']]]],
    ['a=1;b=2', [['a', ['1;b=2']]]],
    [
      '__proto__=1&constructor=2',
      [
        ['__proto__', ['1']],
        ['constructor', ['2']],
      ],
    ],
    [
      'a=1&b=2&a=3&&a=1',
      [
        ['a', ['1', '3', '1']],
        ['b', ['2']],
      ],
    ],
    [
      'scope=repository:a/b:pull%20repository:c/d:pull&service=s',
      [
        ['scope', ['repository:a/b:pull repository:c/d:pull']],
        ['service', ['s']],
      ],
    ],
  ];

  for (const [text, expected] of WELL_FORMED) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const form = parseForm(text);

      expect(form && [...form]).to.deep.equal(expected);
    });
  }

  for (const [title, text] of [
    ['a broken escape', 'a=%'],
    ['an escape cut short', 'a=%2'],
    ['an escape that is not hexadecimal', 'a=%zz'],
    ['bytes that are not UTF-8', 'a=%FF'],
    ['half of a surrogate pair', 'a=%ED%A0%80'],
    ['an overlong encoding', 'a=%C0%80'],
    ['a NUL', 'a=%00'],
    ['a line break', 'a=%0D%0A'],
    ['a tab', 'a=%09'],
    ['a C1 control character', 'a=%C2%85'],
    ['a broken name', '%=1'],
    ['a NUL in a name', 'a%00=1'],
    ['a parameter without a name', '=1'],
    ['bytes that should have been escaped', 'a=\u00ff'],
    ['a raw control character', 'a=\u0001'],
    ['one bad parameter among good ones', 'a=1&b=%&c=3'],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(parseForm(text)).to.equal(null);
    });
  }

  it('takes line breaks in the fields that are named for it, and nothing else there', () => {
    const withLines = new Set(['only']);

    expect(parseForm('only=a%0D%0Ab&name=c', { withLines })).to.deep.equal(
      new Map([
        ['only', ['a\r\nb']],
        ['name', ['c']],
      ]),
    );
    expect(parseForm('only=a&name=b%0A', { withLines })).to.equal(null);
    expect(parseForm('only=a%00', { withLines })).to.equal(null);
    expect(parseForm('only%0A=a', { withLines })).to.equal(null);
  });

  it('gives the values of fields that are named for it as they were sent', () => {
    const undecoded = new Set(['password']);

    expect(parseForm('password=a%0A&name=%C3%AB', { undecoded })).to.deep.equal(
      new Map([
        ['password', ['a%0A']],
        ['name', ['ë']],
      ]),
    );
    expect(parseForm('password=%FF\0', { undecoded })?.get('password')).to.deep.equal(['%FF\0']);
    expect(parseForm('password=a&name=%FF', { undecoded })).to.equal(null);
  });
});

describe('decodeAnyText', () => {
  for (const [sent, decoded] of [
    ['a+b%0A', 'a b\n'],
    ['%00', '\0'],
    ['zo%C3%AB', 'zoë'],
    [Buffer.from('zoë').toString('latin1'), 'zoë'],
  ] as const) {
    it(`reads ${JSON.stringify(sent)}`, () => {
      expect(decodeAnyText(sent)).to.equal(decoded);
    });
  }

  for (const [sent, fault] of [
    ['50%off', 'broken_escape'],
    ['%', 'broken_escape'],
    ['%FF', 'not_utf8'],
    ['\u00ff', 'not_utf8'],
    ['%ED%A0%80', 'not_utf8'],
  ] as const) {
    it(`reads nothing of ${JSON.stringify(sent)}: ${fault}`, () => {
      expect(decodeAnyText(sent)).to.equal(null);
      expect(decodingFault(sent)).to.equal(fault);
    });
  }
});
