import { join } from 'node:path';
import { Option, type Command } from 'commander';
import {
  CA_CERTIFICATE,
  issueKey,
  loadKeys,
  prepareKeys,
  type KeyFolder,
  type LoadedKeys,
} from '../keys/key-folder.js';
import { ROTATION_SECONDS } from '../keys/key-ring.js';
import type { SigningKey } from '../keys/signing-key.js';
import type { Config } from '../config/schema.js';
import { acceptCa } from '../services/known-ca.js';
import { writeAs } from '../services/writing.js';
import { readConfig } from '../config/load.js';
import { withStore, type CliContext } from './context.js';
import { describeFailure } from '../failure.js';
import { printOne, type Fields, type OutputOptions } from './output.js';
import { isReadableByAll } from '../config/readable-by-all.js';
import { realmWarnings } from '../config/realm-warnings.js';
import {
  REGISTRY_CONFIG_FORMATS,
  registryConfig,
  type RegistryConfigFormat,
} from '../config/registry-config.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export function addKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command('keys').description('what signs the JWTs that the registry checks');

  keys
    .command('create')
    .description('make a CA and a signing key where there are none, before any service runs')
    .option('--json', 'print one JSON object')
    .action(async (options: OutputOptions) => {
      const folder = keyFolder(context, await readConfig(context));
      printOne(context, options, keyFields(await prepareKeys(folder), folder));
    });

  keys
    .command('show')
    .description('the signing key in use')
    .option('--json', 'print one JSON object')
    .action(async (options: OutputOptions) => {
      const folder = keyFolder(context, await readConfig(context));
      printOne(context, options, keyFields(await loadKeys(folder), folder));
    });

  keys
    .command('rotate')
    .description(
      `issue a new signing key; running servers use it within ${ROTATION_SECONDS} seconds, the registry needs nothing`,
    )
    .option('--json', 'print one JSON object')
    .action(async (options: OutputOptions) => {
      const folder = keyFolder(context, await readConfig(context));
      const { key, publish } = await issueKey(folder);
      // First: a rotation that is killed leaves no key in use that the audit trail does not know.
      await recordRotation(context, key);
      printOne(context, options, keyFields(await publish(), folder));
    });

  keys
    .command('accept-ca')
    .description('say that the registry has been given this ca.crt, and no longer the one before')
    .option('--json', 'print one JSON object')
    .action(async (options: OutputOptions) => {
      const folder = keyFolder(context, await readConfig(context));
      const loaded = await loadKeys(folder);
      await withStore(context, async (deps) => {
        await acceptCa(deps, deps.operator, loaded.caFingerprint);
      });
      printOne(context, options, keyFields(loaded, folder));
    });

  program
    .command('registry-config')
    .description("what to paste into the registry's configuration")
    .addOption(
      new Option('--format <format>', 'for config.yml, the environment or docker-compose.yml')
        .choices(REGISTRY_CONFIG_FORMATS)
        .default('yaml'),
    )
    .option('--rootcertbundle <path>', 'where the registry will find ca.crt (default: where it is)')
    .action(
      async (options: {
        readonly format: RegistryConfigFormat;
        readonly rootcertbundle?: string;
      }) => {
        const config = await readConfig(context);
        await loadKeys(keyFolder(context, config));
        context.writeOut(registryConfig(config, options.format, options.rootcertbundle ?? null));
        const warnings = [
          ...(await realmWarnings(config)),
          // A container gets the file from whoever starts it.
          ...(options.format === 'compose' ? [] : await caWarnings(config, options)),
        ];
        for (const warning of warnings) {
          context.writeError(`warning: ${warning}\n`);
        }
      },
    );
}

/** The registry mostly runs as another user, who cannot look into our folder. */
async function caWarnings(
  { certs }: Config,
  { rootcertbundle }: { readonly rootcertbundle?: string },
): Promise<string[]> {
  const file = join(certs.dir, CA_CERTIFICATE);
  return rootcertbundle !== undefined || (await isReadableByAll(file))
    ? []
    : [
        `other users of this host cannot read ${file}: if the registry runs as one, copy it to where that ` +
          'user can read it, and name that place with --rootcertbundle',
      ];
}

/** A key has leaked, perhaps: that the database is away must not keep anybody from rotating. */
async function recordRotation(
  context: CliContext,
  { libtrustKid, algorithm }: SigningKey,
): Promise<void> {
  try {
    await withStore(context, async ({ store, operator }) => {
      await writeAs({ store, now: context.now }, operator, async ({ record }) => {
        await record({
          action: 'key_rotated',
          subject: { id: null, name: libtrustKid },
          detail: algorithm,
        });
      });
    });
  } catch (error) {
    context.writeError(
      `warning: this rotation will not be in the audit trail: ${describeFailure(error)}\n`,
    );
  }
}

function keyFolder(context: CliContext, config: Config): KeyFolder {
  return { dir: config.certs.dir, algorithm: config.signing.algorithm, now: context.now };
}

function keyFields(loaded: LoadedKeys, { dir, now }: KeyFolder): Fields {
  const [current, ...others] = loaded.keys;
  return {
    kid: current.libtrustKid,
    algorithm: current.algorithm,
    not_after: current.notAfter.toISOString(),
    days_left: Math.floor((current.notAfter.getTime() - now().getTime()) / DAY_MS),
    ca_not_after: loaded.ca.notAfter.toISOString(),
    ca_fingerprint: loaded.caFingerprint,
    ca_key: loaded.hasCaKey ? 'present' : 'absent',
    earlier_keys: others.length,
    folder: dir,
  };
}
