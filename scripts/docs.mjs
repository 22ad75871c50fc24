/**
 * `npm run docs`: writes config/default.yml and docs/configuration.md from the settings' own texts, the
 * linter's import rules from their table, and the icons of the pages from the package that draws them;
 * with --check, fails when one of them is stale.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { format as prettify } from 'prettier';
import { stringify } from 'yaml';
import { z } from 'zod';
import { settingNames } from '../dist/src/config/load.js';
import { ConfigSchema } from '../dist/src/config/schema.js';
import { iconsModule } from './icons.mjs';
import { importRules } from './import-rules.mjs';
import { say } from './setup.mjs';

const schema = z.toJSONSchema(ConfigSchema, { io: 'input' });
const settings = settingNames().map((names) => {
  const { description, default: value } =
    schema.properties[camelCase(names.section)].properties[camelCase(names.key)];
  return { ...names, description, value };
});

const directions = JSON.parse(read('scripts/import-directions.json'));
const FILES = {
  'config/default.yml': await format(defaultYaml(), 'yaml'),
  'docs/configuration.md': await format(configurationPage(), 'markdown'),
  '.oxlintrc.imports.json': await format(JSON.stringify(importRules(directions)), 'json'),
  'src/web/parts/icons.ts': await format(
    iconsModule(JSON.parse(read('scripts/icons.json'))),
    'typescript',
  ),
};

const stale = Object.entries(FILES).filter(([file, text]) => read(file) !== text);
if (process.argv.includes('--check') && stale.length > 0) {
  say(`Stale: ${stale.map(([file]) => file).join(', ')}. Run: npm run docs`);
  process.exitCode = 1;
} else {
  for (const [file, text] of stale) {
    writeFileSync(file, text);
  }
}

function defaultYaml() {
  const lines = [
    '# Every setting with its default. Written by `npm run docs` from src/config/schema.ts; copy what you',
    '# change to config/pullgate.yml, or set the environment variable named beside it.',
  ];
  let section = '';
  for (const { section: name, key, variable, description, value } of settings) {
    if (name !== section) {
      section = name;
      lines.push('', `${section}:`);
    }
    const line = value === undefined ? `# ${key}:` : stringify({ [key]: value }).trim();
    lines.push(`  # ${variable}: ${description.replaceAll('`', '')}`, `  ${line}`);
  }
  return `${lines.join('\n')}\n`;
}

function configurationPage() {
  const rows = settings.map(
    ({ section, key, variable, description, value }) =>
      `| \`${section}.${key}\` | \`${variable}\` | ${shown(value)} | ${description} |`,
  );
  return `# Configuration

<!-- Written by \`npm run docs\` from src/config/schema.ts: change the texts there. -->

Pullgate reads \`config/pullgate.yml\`, or the file that \`PULLGATE_CONFIG\` names, and then the environment, which wins.
Without either it runs on the defaults below, which [config/default.yml](../config/default.yml) holds as a file to copy from.
Everything is checked at start: every problem is told at once, and Pullgate exits with status 1 before it listens.
A \`PULLGATE_…\` variable that is no setting is warned of.

| file | environment | default | what |
|---|---|---|---|
${rows.join('\n')}

Relative paths begin in the folder of the configuration file; if that folder is called \`config\`, in the folder above it.
A command then finds the same files wherever it is run, as long as \`PULLGATE_CONFIG\` names the file.
Relative paths in variables, and the defaults where there is no file, begin in the working folder.
`;
}

function shown(value) {
  return value === undefined || value.length === 0 ? '–' : `\`${value}\``;
}

function camelCase(name) {
  return name.replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase());
}

async function format(text, parser) {
  return await prettify(text, { parser, singleQuote: true, printWidth: 100 });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
