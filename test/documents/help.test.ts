import { expect } from 'chai';
import { everyCommand, nameOf } from '../../src/cli/command-tree.js';
import { EXAMPLES } from '../../src/cli/examples.js';
import { leaves, program, usageProblem } from './command-lines.js';

describe('--help', () => {
  const commands = everyCommand(program());

  for (const command of commands) {
    const name = nameOf(command);
    describe(`of pullgate ${name}`.trim(), () => {
      it('says what it does, and what each argument and option is', () => {
        const parts = [command, ...command.registeredArguments, ...command.options];
        const untold = parts.filter((part) => descriptionOf(part) === '');

        expect(untold).to.deep.equal([]);
      });

      it('ends with an example of it', () => {
        const [, examples = ''] = helpOf(name).split(/^Examples?:\n/m);

        expect(examples).to.include(`pullgate ${name}`.trim());
      });
    });
  }

  it('has examples of each command and of no other', () => {
    expect(Object.keys(EXAMPLES)).to.have.members(leaves(program()).map(nameOf));
  });

  for (const line of Object.values(EXAMPLES).flat()) {
    it(`has an example that the program takes: ${line}`, () => {
      const [, args = ''] = /pullgate ([^<>]*)/.exec(line.replace(/^\S+=\S+ /, '')) ?? [];

      expect(usageProblem(wordsOf(args))).to.equal(null);
    });
  }

  it('of no command is wider than a terminal, but for examples', () => {
    for (const command of commands) {
      const [help = ''] = helpOf(nameOf(command)).split(/^Examples?:\n/m);
      for (const row of help.split('\n')) {
        expect(row.length, row).to.be.at.most(80);
      }
    }
  });
});

/** With what is added after it. */
function helpOf(name: string): string {
  let text = '';
  const command = everyCommand(program()).find((one) => nameOf(one) === name);
  command?.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  command?.outputHelp();
  return text;
}

function descriptionOf(part: { readonly description: string | (() => string) }): string {
  return typeof part.description === 'string' ? part.description : part.description();
}

/** As a shell takes a line apart; quotes hold a word together. */
function wordsOf(args: string): string[] {
  return Array.from(args.matchAll(/'([^']*)'|\S+/g), ([word, quoted]) => quoted ?? word);
}
