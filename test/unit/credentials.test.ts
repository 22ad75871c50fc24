import { expect } from 'chai';
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { format, inspect } from 'node:util';
import { createLog } from '../../src/log.js';
import { Secret } from '../../src/credentials.js';

const CLEAR_TEXT = 'gldt-correct-horse-battery-staple';

describe('Secret', () => {
  const secret = new Secret(CLEAR_TEXT);
  const nested = {
    login: { username: 'ada', secret },
    all: [secret],
    byName: new Map([['a', secret]]),
  };

  /** Whatever somebody may do with a secret that ends up as text. */
  const printed: readonly (readonly [string, () => string])[] = [
    ['String()', () => String(secret)],
    ['joining texts', () => ['a', secret, 'b'].join(' ')],
    ['JSON.stringify', () => JSON.stringify({ secret, list: [secret] })],
    ['util.inspect', () => inspect(secret)],
    ['util.inspect of something that holds it', () => inspect(nested, { depth: null })],
    [
      'util.inspect with hidden properties',
      () => inspect(nested, { showHidden: true, depth: null }),
    ],
    ['util.inspect without custom inspection', () => inspect(nested, { customInspect: false })],
    ['util.format', () => format('%s %o %O %j %d', secret, secret, secret, secret, secret)],
    ['the console', () => onConsole(secret, nested)],
    ['the log', () => inLog({ secret, nested })],
    [
      'the log of an error that holds it',
      () => inLog({ err: Object.assign(new Error('x'), { secret }) }),
    ],
    [
      'copying its properties',
      () => JSON.stringify([Object.assign({}, secret), Object.entries(secret)]),
    ],
  ];

  for (const [title, print] of printed) {
    it(`stays hidden from ${title}`, () => {
      const text = print();

      expect(text).not.to.equal('');
      expect(text).not.to.include(CLEAR_TEXT);
      expect(text).not.to.include('battery');
    });
  }

  it('says what it is where it stays hidden', () => {
    expect([String(secret), inspect(secret), JSON.stringify(secret)]).to.deep.equal([
      '[secret]',
      '[secret]',
      '"[secret]"',
    ]);
  });

  it('is told when asked for', () => {
    expect(secret.reveal()).to.equal(CLEAR_TEXT);
  });

  it('knows whether it is empty', () => {
    expect(new Secret('').isEmpty()).to.equal(true);
    expect(new Secret(' ').isEmpty()).to.equal(false);
  });

  it('knows what it starts with, and takes an empty prefix for none', () => {
    expect(secret.startsWith('gldt-')).to.equal(true);
    expect(secret.startsWith('glpat-')).to.equal(false);
    expect(secret.startsWith('')).to.equal(false);
  });

  it('has the SHA-256 of its text for a digest', () => {
    // FIPS 180-2, appendix B.1.
    expect(new Secret('abc').digest().toString('hex')).to.equal(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('tells the same digest in base64', () => {
    expect(secret.digestText()).to.equal(secret.digest().toString('base64'));
  });

  it('digests text as UTF-8', () => {
    expect(new Secret('é').digest().toString('hex')).to.equal(
      '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c',
    );
  });
});

describe('Secret.generate', () => {
  it('makes the prefix and 32 URL-safe characters, which is more than 160 bits', () => {
    const text = Secret.generate('gldt-').reveal();

    expect(text).to.match(/^gldt-[A-Za-z0-9_-]{32}$/);
    expect(32 * Math.log2(64)).to.be.at.least(160);
  });

  it('makes 32 characters alone without a prefix', () => {
    expect(Secret.generate().reveal()).to.match(/^[A-Za-z0-9_-]{32}$/);
  });

  it('makes another one every time, with every character at work', () => {
    const texts = Array.from({ length: 2000 }, () => Secret.generate().reveal());

    expect(new Set(texts).size).to.equal(texts.length);
    expect(new Set(texts.join('')).size).to.equal(64);
  });
});

function onConsole(...values: unknown[]): string {
  const stream = new PassThrough();
  const output = new Console(stream);
  output.log(...values);
  output.dir(values);
  output.table(values);
  return String(stream.read());
}

function inLog(fields: object): string {
  let lines = '';
  const log = createLog('trace', {
    write(line) {
      lines += line;
    },
  });
  log.error(fields, 'a message');
  return lines;
}
