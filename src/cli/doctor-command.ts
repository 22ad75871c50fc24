import type { Command } from 'commander';
import { readConfig } from '../config/load.js';
import { realmWarnings } from '../config/realm-warnings.js';
import type { Config } from '../config/schema.js';
import { examine, type Finding } from '../doctor/examine.js';
import { CommandError } from '../failure.js';
import { loadKeys } from '../keys/key-folder.js';
import { openRepositories } from '../repositories/repositories.js';
import type { Instance } from '../store/instance-store.js';
import { openExistingStore } from '../store/open-store.js';
import type { CliContext } from './context.js';
import type { OutputOptions } from './output.js';

interface DoctorOptions extends OutputOptions {
  readonly config?: string;
}

export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('what is wrong between clients, the registry and Pullgate: exit 0 or 1')
    .option('--config <file>', "the registry's own config.yml, to tell more where it is at hand")
    .option('--json', 'print a JSON array')
    .action(async (options: DoctorOptions) => {
      const findings = await findingsFor(context, options.config ?? null);
      context.writeOut(options.json === true ? `${JSON.stringify(findings)}\n` : textOf(findings));
      if (findings.length > 0) {
        throw new CommandError(
          findings.length === 1 ? 'There is a finding.' : `There are ${findings.length} findings.`,
        );
      }
    });
}

async function findingsFor(
  context: CliContext,
  registryFile: string | null,
): Promise<readonly Finding[]> {
  const config = await readConfig(context);
  const { certs, signing, git } = config;
  const { now } = context;
  return await examine({
    config,
    now,
    signal: new AbortController().signal,
    loadKeys: async () => await loadKeys({ dir: certs.dir, algorithm: signing.algorithm, now }),
    readInstance: async () => await readInstance(config),
    realmWarnings: async () => await realmWarnings(config),
    gitProblem: openRepositories(git.root, context.env['PATH'] ?? '').gitProblem,
    registryFile,
  });
}

async function readInstance({ database }: Config): Promise<Instance> {
  const store = await openExistingStore(database);
  try {
    return await store.instance.read();
  } finally {
    await store.close();
  }
}

function textOf(findings: readonly Finding[]): string {
  return findings.length === 0
    ? 'All is well: the registry answers, sends clients here, and takes what is signed here.\n'
    : findings.map(findingText).join('\n');
}

function findingText({ check, problem, clients, change }: Finding): string {
  return `✗ ${check}: ${problem}\n  clients: ${clients}\n  change:  ${change}\n`;
}
