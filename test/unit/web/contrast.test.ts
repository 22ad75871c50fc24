import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const STYLESHEET = readFileSync('src/web/assets/pullgate.css', 'utf8');
const SCHEMES = ['light', 'dark'] as const;

/** WCAG 2.2, 1.4.3 and 1.4.11: what is read, and what one has to find: edges of controls, the focus. */
const READ = 4.5;
const FOUND = 3;

/** Every colour of text on every ground that it occurs on. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  ink: ['paper', 'card', 'sunk', 'raised', 'accent-soft', 'warn-soft', 'danger-soft', 'info-soft'],
  muted: ['paper', 'card', 'sunk', 'raised', 'accent-soft'],
  accent: ['paper', 'card', 'sunk', 'accent-soft', 'warn-soft', 'danger-soft', 'info-soft'],
  'accent-strong': ['paper', 'card', 'accent-soft'],
  danger: ['card', 'sunk', 'accent-soft', 'danger-soft'],
  warn: ['card', 'sunk', 'accent-soft', 'warn-soft'],
  info: ['card', 'info-soft'],
  card: ['ink'],
  'on-accent': ['accent', 'accent-strong'],
  'on-danger': ['danger', 'danger-strong'],
  'on-bar': ['bar', 'bar-field'],
  'bar-muted': ['bar', 'bar-field'],
};

/** Edges of what one presses or fills in, marks and the focus. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  'line-strong': ['card', 'paper', 'raised'],
  'bar-field-line': ['bar'],
  accent: ['paper', 'card', 'accent-soft'],
  danger: ['card', 'danger-soft'],
  warn: ['card', 'warn-soft'],
  info: ['card', 'info-soft'],
  'on-bar': ['bar'],
};

describe('the colours of the pages', () => {
  for (const scheme of SCHEMES) {
    for (const [pairs, needed] of [
      [TEXTS, READ],
      [EDGES, FOUND],
    ] as const) {
      it(`have a contrast of ${needed} or more, in ${scheme}`, () => {
        const colours = coloursOf(scheme);

        const faint = Object.entries(pairs).flatMap(([front, grounds]) =>
          grounds
            .map((ground) => ({
              pair: `${front} on ${ground}`,
              ratio: ratioOf(colours, front, ground),
            }))
            .filter(({ ratio }) => !(ratio >= needed)),
        );

        expect(faint).to.deep.equal([]);
      });
    }
  }

  it('are told apart by that: a grey on white has not enough', () => {
    const colours = new Map([
      ['grey', '#8a8a8a'],
      ['white', '#ffffff'],
    ]);

    expect(ratioOf(colours, 'grey', 'white')).to.be.closeTo(3.45, 0.01);
    expect(ratioOf(colours, 'white', 'white')).to.equal(1);
  });

  it('are each named in both schemes, and nowhere written out but there', () => {
    const [light, dark] = SCHEMES.map((scheme) => [...coloursOf(scheme).keys()]);
    const rules = STYLESHEET.slice(STYLESHEET.indexOf('/* 2 elements */'));

    expect(dark).to.deep.equal(light);
    expect(rules.match(/#[0-9a-f]{3,8}\b/gi)).to.equal(null);
  });
});

/** The custom properties whose value is a colour: the first block is light, the second one dark. */
function coloursOf(scheme: (typeof SCHEMES)[number]): ReadonlyMap<string, string> {
  const [, light = '', dark = ''] = STYLESHEET.split(':root {');
  const block = scheme === 'light' ? light : dark;
  return new Map(
    Array.from(block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g), ([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

/** By the formula of WCAG; not a number for a colour that there is not. */
function ratioOf(colours: ReadonlyMap<string, string>, one: string, other: string): number {
  const [darker = NaN, lighter = NaN] = [
    luminanceOf(colours.get(one)),
    luminanceOf(colours.get(other)),
  ].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminanceOf(colour = ''): number {
  const [red = NaN, green = NaN, blue = NaN] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
