import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { everyCommand, nameOf } from '../../src/cli/command-tree.js';
import { completionScript, SHELLS } from '../../src/cli/completion.js';
import { program } from '../documents/command-lines.js';
import { runOrThrow, temporaryFolder, type TemporaryFolder } from '../support/run.js';

/** What bash does when somebody presses the tabulator. */
const PRESS = `
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]}-1))
_pullgate
printf '%s\n' "\${COMPREPLY[@]}"`;

describe('completion', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder('pullgate-completion-');
    await writeFile(join(folder.path, 'bash'), completionScript(program(), 'bash'));
  });

  after(async () => {
    await folder.remove();
  });

  for (const [typed, offers] of [
    ['deploy', 'deploy-token'],
    ['deploy-token ', 'create list show revoke --help'],
    ['deploy-token cr', 'create'],
    ['deploy-token create tanuki/app --expires', '--expires-at --expires-in'],
    ['deploy-token create tanuki/app --scopes ', 'read_repository read_registry'],
    [
      'deploy-token create tanuki/app --scopes read_repository,read_reg',
      'read_repository,read_registry',
    ],
    ['access-token create ada --scopes write_r', 'write_registry write_repository'],
    ['project images a', 'add'],
    ['project list --j', '--json'],
    ['member add tanuki list --role ma', 'maintainer'],
    ['registry-config --format ', 'yaml env compose'],
    ['audit export --action key', 'key_rotated'],
    ['project create project --vis', '--visibility'],
    ['completion ', 'bash zsh fish --help'],
    ['backup /srv', ''],
    ['surf', ''],
  ] as const) {
    it(`offers bash ${offers === '' ? 'nothing' : offers} for “${typed}”`, async () => {
      const words = ['pullgate', ...typed.split(' ')];
      const script = join(folder.path, 'bash');

      const { stdout } = await runOrThrow('bash', [
        '--norc',
        '-c',
        PRESS,
        'bash',
        script,
        ...words,
      ]);

      expect(stdout.trim().split('\n')).to.have.members(offers.split(' '));
    });
  }

  for (const shell of SHELLS) {
    it(`has every command and option of the program for ${shell}`, () => {
      const script = completionScript(program(), shell);

      for (const command of everyCommand(program())) {
        expect(script).to.include(`'${nameOf(command)}'`);
        for (const { long } of command.options) {
          expect(script).to.include(long ?? '');
        }
      }
    });
  }
});
