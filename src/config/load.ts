import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { camelCase, snakeCase } from './names.js';
import { databaseLeftBehind, folderOfSettings, withPathsFrom } from './paths.js';
import { ConfigError, problemReport } from './problems.js';
import { ConfigSchema, type Config } from './schema.js';

const DEFAULT_FILE = 'config/pullgate.yml';
const ENV_PREFIX = 'PULLGATE_';

export interface LoadedConfig {
  readonly config: Config;
  /** `PULLGATE_…` variables that are no settings: probably misspelt, so somebody should know. */
  readonly unknownVariables: readonly string[];
  /** Why a new database would be a mistake; null when it would not. */
  readonly leftBehind: string | null;
}

/** The settings as `file key` and `environment variable`, in the order in which they are documented. */
export function settingNames(): { section: string; key: string; variable: string }[] {
  return Object.entries(ConfigSchema.shape).flatMap(([sectionName, schema]) =>
    Object.keys(schema.def.innerType.shape).map((key) => ({
      section: snakeCase(sectionName),
      key: snakeCase(key),
      variable: `${ENV_PREFIX}${snakeCase(sectionName)}_${snakeCase(key)}`.toUpperCase(),
    })),
  );
}

/**
 * Defaults, then the file that `PULLGATE_CONFIG` names (config/pullgate.yml where there is one), then
 * the environment. Paths of the file, and the defaults, begin in its folder. Throws one ConfigError that
 * lists every problem.
 */
export async function loadConfig(env: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const file = env['PULLGATE_CONFIG'];
  const fromFile = await readSettings(file ?? DEFAULT_FILE, file !== undefined);
  const settings = toSections(fromFile ?? {});
  const variables = new Map<string, string>();
  for (const { section: name, key, variable } of settingNames()) {
    const value = env[variable] ?? (await readSecretFile(env, variable));
    if (value !== undefined) {
      const target = (settings[camelCase(name)] ??= {});
      if (isRecord(target)) {
        target[camelCase(key)] = value;
      }
      variables.set(`${name}.${key}`, variable);
    }
  }

  const result = ConfigSchema.safeParse(settings);
  if (!result.success) {
    throw new ConfigError(problemReport(result.error.issues, variables));
  }
  const config =
    fromFile === null
      ? result.data
      : withPathsFrom(folderOfSettings(file ?? DEFAULT_FILE), result.data, (setting) =>
          variables.has(setting),
        );
  return {
    config: Object.freeze(config),
    unknownVariables: unknownVariables(env),
    leftBehind: databaseLeftBehind(result.data, config),
  };
}

/** The same, for a program that writes to a terminal: one warning for each variable that is no setting. */
export async function readConfig({
  env,
  writeError,
}: {
  readonly env: NodeJS.ProcessEnv;
  readonly writeError: (text: string) => void;
}): Promise<Config> {
  const loaded = await loadConfig(env);
  if (loaded.leftBehind !== null) {
    throw new ConfigError(loaded.leftBehind);
  }
  for (const name of loaded.unknownVariables) {
    writeError(`warning: ${name} is not a setting of Pullgate; see docs/configuration.md\n`);
  }
  return loaded.config;
}

/** Null where there is no file and need not be one. */
async function readSettings(file: string, mustExist: boolean): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!mustExist && isRecord(error) && error['code'] === 'ENOENT') {
      return null;
    }
    throw new ConfigError(`The configuration file ${file} cannot be read: ${messageOf(error)}`);
  }
  try {
    // Warnings would print the line that they are about, and a line may hold a password.
    return parseYaml(text, { logLevel: 'error' }) ?? {};
  } catch (error) {
    throw new ConfigError(`The configuration file ${file} is not YAML: ${firstLineOf(error)}`);
  }
}

/** Secrets may lie in a file, as docker and Kubernetes mount them: out of sight of `docker inspect`. */
const SECRET_VARIABLES = ['PULLGATE_DATABASE_URL'];

async function readSecretFile(
  env: NodeJS.ProcessEnv,
  variable: string,
): Promise<string | undefined> {
  const file = SECRET_VARIABLES.includes(variable) ? env[`${variable}_FILE`] : undefined;
  if (file === undefined) {
    return undefined;
  }
  try {
    return (await readFile(file, 'utf8')).trimEnd();
  } catch (error) {
    throw new ConfigError(
      `The file that ${variable}_FILE names cannot be read: ${messageOf(error)}`,
    );
  }
}

function toSections(settings: unknown): Record<string, unknown> {
  if (!isRecord(settings)) {
    throw new ConfigError('The configuration file must hold sections, such as `http:`.');
  }
  return mapKeys(settings, (value) =>
    // `http:` with nothing under it reads as null: an empty section.
    isRecord(value) ? mapKeys(value, (inner) => inner) : (value ?? {}),
  );
}

// Kubernetes puts PULLGATE_SERVICE_HOST, PULLGATE_PORT_5080_TCP and their like into every container
// of a namespace that has a Service called pullgate.
const KUBERNETES_SERVICE_LINK =
  /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
/** What such a variable that ends in _PORT alone holds, unlike a setting that somebody made up. */
const KUBERNETES_PORT_VALUE = /^(tcp|udp|sctp):\/\//;

function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = new Set([
    'PULLGATE_CONFIG',
    ...settingNames().map(({ variable }) => variable),
    ...SECRET_VARIABLES.map((variable) => `${variable}_FILE`),
  ]);
  return Object.entries(env)
    .filter(
      ([name, value]) =>
        name.startsWith(ENV_PREFIX) &&
        !name.startsWith(`${ENV_PREFIX}TEST_`) &&
        !known.has(name) &&
        !KUBERNETES_SERVICE_LINK.test(name) &&
        !(name.endsWith('_PORT') && KUBERNETES_PORT_VALUE.test(value ?? '')),
    )
    .map(([name]) => name);
}

function mapKeys(
  record: Record<string, unknown>,
  map: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [camelCase(key), map(value)]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parser goes on to quote the lines around the mistake, and they may hold a password. */
function firstLineOf(error: unknown): string {
  return (messageOf(error).split('\n')[0] ?? '').replace(/:$/, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
