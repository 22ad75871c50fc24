/** What a shell offers for the next word. The scripts hold all commands: a shell asks no program while somebody types. */

import type { Command, Option } from 'commander';
import { ACCESS_TOKEN_SCOPES } from '../access/access-token.js';
import { AUDIT_ACTION_NAMES } from '../access/audit-event.js';
import { DEPLOY_TOKEN_SCOPES } from '../access/deploy-token.js';
import { VISIBILITIES } from '../access/project.js';
import { ROLES } from '../access/role.js';
import { everyCommand, nameOf } from './command-tree.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Of the registry and of git. */
const EXPLAINED_ACTIONS = ['pull', 'push', 'delete', 'fetch'];

/** The name of a command, or of one with an option, to the words that may follow. */
type Offers = readonly (readonly [name: string, words: readonly string[]])[];

export function completionScript(program: Command, shell: Shell): string {
  const words = everyCommand(program).map(
    (command) => [nameOf(command), wordsOf(command)] as const,
  );
  const values = everyCommand(program).flatMap((command) =>
    command.options.flatMap((option) => {
      const known = valuesOf(command, option);
      return known.length === 0
        ? []
        : [[`${nameOf(command)} ${option.long ?? ''}`, known] as const];
    }),
  );
  return SCRIPTS[shell](words, values);
}

function wordsOf(command: Command): readonly string[] {
  const below = command.commands.map((one) => one.name());
  const options = command.options.map(({ long }) => long ?? '').filter((long) => long !== '');
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [...below, ...choices, ...options, '--help'];
}

/** Of options that take one of a few words. */
function valuesOf(command: Command, { long = '', argChoices }: Option): readonly string[] {
  switch (long) {
    case '--scopes':
      return nameOf(command).startsWith('deploy-token') ? DEPLOY_TOKEN_SCOPES : ACCESS_TOKEN_SCOPES;
    case '--role':
      return command.name() === 'add' ? ROLES : [];
    case '--visibility':
      return VISIBILITIES;
    case '--action':
      return command.name() === 'export' ? AUDIT_ACTION_NAMES : EXPLAINED_ACTIONS;
    default:
      return argChoices ?? [];
  }
}

const SCRIPTS: Readonly<Record<Shell, (words: Offers, values: Offers) => string>> = {
  bash: (words, values) => `# Completion of pullgate for bash.
${posixFunction('_pullgate_words', words)}
${posixFunction('_pullgate_values', values)}
_pullgate() {
  local at='' word values cur=\${COMP_WORDS[COMP_CWORD]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) continue ;; esac
    case " $(_pullgate_words "$at") " in *" $word "*) at=\${at:+$at }$word ;; esac
  done
  values=$(_pullgate_values "$at \${COMP_WORDS[COMP_CWORD-1]}")
  if [ -n "$values" ]; then
    # After a comma the next one of a list.
    COMPREPLY=($(compgen -P "\${cur%"\${cur##*,}"}" -W "$values" -- "\${cur##*,}"))
  else
    COMPREPLY=($(compgen -W "$(_pullgate_words "$at")" -- "$cur"))
  fi
}
complete -o default -F _pullgate pullgate
`,
  zsh: (words, values) => `#compdef pullgate
# Completion of pullgate for zsh.
${posixFunction('_pullgate_words', words)}
${posixFunction('_pullgate_values', values)}
_pullgate() {
  local at='' word offers
  for word in \${words[2,CURRENT-1]}; do
    case $word in (-*) continue ;; esac
    case " $(_pullgate_words "$at") " in (*" $word "*) at=\${at:+$at }$word ;; esac
  done
  offers=$(_pullgate_values "$at \${words[CURRENT-1]}")
  if [ -n "$offers" ]; then
    # After a comma the next one of a list.
    compset -P '*,'
  else
    offers=$(_pullgate_words "$at")
  fi
  compadd -- \${(s: :)offers} || _files
}
if [ "\${funcstack[1]}" = _pullgate ]; then
  _pullgate "$@"
else
  compdef _pullgate pullgate
fi
`,
  fish: (words, values) => `# Completion of pullgate for fish.
${fishFunction('__pullgate_words', words)}
${fishFunction('__pullgate_values', values)}
function __pullgate
    set -l at ''
    set -l before (commandline -opc)
    for word in $before[2..-1]
        if not string match -q -- '-*' $word; and contains -- $word (__pullgate_words "$at")
            set at (string trim -- "$at $word")
        end
    end
    set -l values (__pullgate_values "$at $before[-1]")
    if test (count $values) -gt 0
        # After a comma the next one of a list.
        set -l given (string replace -r '[^,]*$' '' -- (commandline -ct))
        printf '%s\\n' $given$values
    else
        set -l words (__pullgate_words "$at")
        printf '%s\\n' $words
        # Below a group there are only its commands.
        string match -q -- '-*' $words[1]; and __fish_complete_path (commandline -ct)
    end
end
complete -c pullgate -f -a '(__pullgate)'
`,
};

/** Names and words are ours, and hold nothing that a shell takes apart. */
function posixFunction(name: string, offers: Offers): string {
  const lines = offers.map(([of, words]) => `    '${of}') echo '${words.join(' ')}' ;;`);
  return `${name}() {\n  case $1 in\n${lines.join('\n')}\n  esac\n}`;
}

function fishFunction(name: string, offers: Offers): string {
  const lines = offers.flatMap(([of, words]) => [
    `        case '${of}'`,
    `            printf '%s\\n' ${words.join(' ')}`,
  ]);
  return `function ${name}\n    switch "$argv[1]"\n${lines.join('\n')}\n    end\nend`;
}
