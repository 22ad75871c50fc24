/** What stands at the end of each `--help`. */

import type { Command } from 'commander';
import { nameOf } from './command-tree.js';

/** By the name of a command; a test wants each in it, and each line to be taken by the program. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  quickstart: ['pullgate quickstart', 'pullgate quickstart --check'],
  serve: ['PULLGATE_CONFIG=/etc/pullgate/pullgate.yml pullgate serve'],
  migrate: ['pullgate migrate'],
  'user create': [
    'pullgate user create ada --admin',
    "pullgate user create grace --display-name 'Grace Hopper' --password-stdin < password.txt",
  ],
  'user setup-link': ['pullgate user setup-link'],
  'user list': ['pullgate user list'],
  'user block': ['pullgate user block grace'],
  'user unblock': ['pullgate user unblock grace'],
  'user remove': ['pullgate user remove grace'],
  'user set': ['pullgate user set ada --admin', 'pullgate user set ada --no-admin'],
  'user password': ['pullgate user password ada --password-stdin < password.txt'],
  'user invite': ['pullgate user invite hedy --role tanuki=developer'],
  'user invitations': ['pullgate user invitations'],
  'user uninvite': ['pullgate user uninvite 3'],
  'namespace create': ['pullgate namespace create tanuki/backend'],
  'namespace list': ['pullgate namespace list'],
  'namespace show': ['pullgate namespace show tanuki'],
  'namespace remove': ['pullgate namespace remove tanuki/backend'],
  'project create': [
    'pullgate project create tanuki/awesome_project',
    'pullgate project create tanuki/handbook --visibility internal',
  ],
  'project adopt': ['pullgate project adopt tanuki/awesome_project --from /srv/git/awesome.git'],
  'project list': ['pullgate project list', 'pullgate project list --json'],
  'project show': ['pullgate project show tanuki/awesome_project'],
  'project set': ['pullgate project set tanuki/handbook --visibility public'],
  'project archive': ['pullgate project archive tanuki/awesome_project'],
  'project unarchive': ['pullgate project unarchive tanuki/awesome_project'],
  'project images list': ['pullgate project images list tanuki/awesome_project'],
  'project images add': ['pullgate project images add tanuki/awesome_project postgres'],
  'project images remove': ['pullgate project images remove tanuki/awesome_project postgres'],
  'project remove': ['pullgate project remove tanuki/awesome_project'],
  'project free': ['pullgate project free tanuki/awesome_project'],
  'member add': [
    'pullgate member add tanuki/awesome_project grace --role developer',
    'pullgate member add tanuki ada --role maintainer',
  ],
  'member list': ['pullgate member list tanuki/awesome_project'],
  'member remove': ['pullgate member remove tanuki/awesome_project grace'],
  'access-token create': [
    'pullgate access-token create ada --name laptop --scopes read_registry,write_registry --expires-in 90d',
  ],
  'access-token list': ['pullgate access-token list ada'],
  'access-token revoke': ['pullgate access-token revoke ada 7'],
  'deploy-token create': [
    'pullgate deploy-token create tanuki/awesome_project --name production --scopes read_registry --expires-in 90d',
    'pullgate deploy-token create tanuki --name eu-west --scopes read_registry --only tanuki/shop,tanuki/backend',
    'pullgate deploy-token create --instance --name mirror --scopes read_registry,read_repository',
  ],
  'deploy-token list': [
    'pullgate deploy-token list',
    'pullgate deploy-token list tanuki/awesome_project --all',
  ],
  'deploy-token show': ['pullgate deploy-token show 7'],
  'deploy-token revoke': ['pullgate deploy-token revoke 7'],
  'registry list': ['pullgate registry list --unowned'],
  'registry import': ['pullgate registry import --dry-run', 'pullgate registry import --depth 3'],
  'keys create': ['pullgate keys create'],
  'keys show': ['pullgate keys show'],
  'keys rotate': ['pullgate keys rotate'],
  'keys accept-ca': ['pullgate keys accept-ca'],
  'registry-config': [
    'pullgate registry-config',
    'pullgate registry-config --format compose --rootcertbundle /certs/ca.crt',
  ],
  'audit export': [
    'pullgate audit export --project tanuki/awesome_project --since 2027-01-01 --csv',
    'pullgate audit export --by ada --action deploy_token_revoked',
  ],
  denied: ['pullgate denied', 'pullgate denied tanuki/awesome_project'],
  explain: [
    'pullgate explain 7 tanuki/web/api',
    'pullgate explain ada tanuki/web --door git --action push',
  ],
  doctor: ['pullgate doctor', 'pullgate doctor --config /etc/docker/registry/config.yml --json'],
  backup: ['pullgate backup /var/backups/pullgate'],
  restore: ['pullgate restore /var/backups/pullgate'],
  health: ['pullgate health'],
  completion: [
    'pullgate completion bash > /etc/bash_completion.d/pullgate',
    "pullgate completion zsh > '/usr/local/share/zsh/site-functions/_pullgate'",
    'pullgate completion fish > ~/.config/fish/completions/pullgate.fish',
  ],
  version: ['pullgate version'],
};

/** Of a group, as many as there is room for: one of each command below it. */
const MOST_OF_A_GROUP = 4;

export function addExamples(command: Command): void {
  const lines = examplesOf(command);
  command.addHelpText(
    'after',
    `\nExample${lines.length === 1 ? '' : 's'}:\n${lines.map((line) => `  ${line}\n`).join('')}`,
  );
}

function examplesOf(command: Command): readonly string[] {
  const own = EXAMPLES[nameOf(command)];
  return (
    own ??
    command.commands
      .map((below) => examplesOf(below)[0] ?? '')
      .filter((line) => line !== '')
      .slice(0, MOST_OF_A_GROUP)
  );
}
