/** Writes src/web/parts/icons.ts: the icons that scripts/icons.json names, out of lucide-static. */

import { readFileSync } from 'node:fs';

const PACKAGE = 'node_modules/lucide-static';

export function iconsModule(names) {
  const nodes = JSON.parse(readFileSync(`${PACKAGE}/icon-nodes.json`, 'utf8'));
  const unknown = names.filter((name) => nodes[name] === undefined);
  if (unknown.length > 0) {
    throw new Error(`lucide-static has no icon ${unknown.join(', ')}`);
  }
  const used = Object.fromEntries(names.map((name) => [name, nodes[name]]));
  const licence = readFileSync(`${PACKAGE}/LICENSE`, 'utf8').trim();
  return [
    '/*',
    ' * Written by `npm run docs`: the icons that scripts/icons.json names, out of lucide-static.',
    ' *',
    ...licence.split('\n').map((line) => ` * ${line}`.trimEnd()),
    ' */',
    '',
    `export const ICONS = ${JSON.stringify(used)} as const;`,
    '',
  ].join('\n');
}
