import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, credentials, type MethodDefinition } from '@grpc/grpc-js';
import { load, type PackageDefinition } from '@grpc/proto-loader';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { startOwnProcess, waitUntilReady } from '../../src/quickstart/own-process.js';
import { findSystemProgram } from './docker-engine.js';
import { run, temporaryFolder, type RunResult, type TemporaryFolder } from './run.js';

/** How the container runtime interface carries credentials; `auth` is base64 of `username:password`. */
export interface CriAuth {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

export interface Containerd {
  readonly description: string;
  /** The `ctr` program, asking this containerd. */
  ctr(args: readonly string[]): Promise<RunResult>;
  /** As kubelet asks for it; the error's message is containerd's. */
  pullImage(image: string, auth?: CriAuth): Promise<{ readonly imageRef: string }>;
  removeImage(image: string): Promise<void>;
  logs(): string;
  stop(): Promise<void>;
}

// Tests run compiled, from dist/test/support; the definition stays in the source tree.
const PROTO = join(import.meta.dirname, '..', '..', '..', 'test', 'support', 'cri.proto');
const CALL_TIMEOUT_MS = 60_000;
// Without mounts of its own, so that it works wherever the temporary folder is.
const SNAPSHOTTER = 'native';

/** A private containerd with the plugin that kubelet talks to. */
export async function startContainerd(options: {
  /** Registries to ask by HTTP: `localhost:5000`. */
  readonly plainHttpHosts: readonly string[];
}): Promise<Containerd> {
  const program = await findSystemProgram('containerd');
  if (program === null || process.getuid?.() !== 0) {
    throw new Error(
      'These tests need root and containerd: apt-get update && apt-get install -y containerd',
    );
  }
  const folder = await temporaryFolder('pullgate-containerd');
  try {
    return await startIn(folder, program, options.plainHttpHosts);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function startIn(
  folder: TemporaryFolder,
  program: string,
  plainHttpHosts: readonly string[],
): Promise<Containerd> {
  const socket = join(folder.path, 'containerd.sock');
  const config = await writeConfig(folder.path, socket);
  await writeHosts(folder.path, plainHttpHosts);
  const definition = await load(PROTO, { keepCase: true });
  const daemon = startOwnProcess(program, ['--config', config]);
  // The socket's path is no name of a host, which HTTP/2 wants to have.
  const client = new Client(`unix://${socket}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
    // It is still starting at the first try; gRPC would give it a whole second.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 100,
  });
  const call = callerOf(client, definition);
  await waitUntilReady(daemon, program, async () => await answers(call)).catch((error: unknown) => {
    client.close();
    throw error;
  });

  const env = { ...process.env, CONTAINERD_SNAPSHOTTER: SNAPSHOTTER };
  return {
    description: `a private containerd (${program})`,
    ctr: async (args) => await run('ctr', ['--address', socket, ...args], { env }),
    pullImage: async (image, auth) => {
      const request = { image: { image }, ...(auth === undefined ? {} : { auth }) };
      const answer = PullAnswerSchema.parse(await call('ImageService', 'PullImage', request));
      return { imageRef: answer.image_ref };
    },
    removeImage: async (image) => {
      await call('ImageService', 'RemoveImage', { image: { image } });
    },
    logs: daemon.logs,
    stop: async () => {
      client.close();
      await daemon.stop();
      await folder.remove();
    },
  };
}

const PullAnswerSchema = z.object({ image_ref: z.string() });

type Call = (service: string, method: string, request: object) => Promise<object>;

function callerOf(client: Client, definition: PackageDefinition): Call {
  return async (service, name, request) => {
    const method = findMethod(definition, service, name);
    const deadline = Date.now() + CALL_TIMEOUT_MS;
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline },
        (error, answer) => {
          if (error !== null || answer === undefined) {
            reject(new Error(`${name}: ${error?.details ?? 'no answer'}`, { cause: error }));
          } else {
            resolve(answer);
          }
        },
      );
    });
  };
}

function findMethod(
  definition: PackageDefinition,
  service: string,
  name: string,
): MethodDefinition<object, object> {
  const found = definition[`runtime.v1.${service}`];
  const method = found === undefined || 'format' in found ? undefined : found[name];
  if (method === undefined) {
    throw new Error(`cri.proto has no ${service}.${name}.`);
  }
  return method;
}

async function answers(call: Call): Promise<boolean> {
  try {
    await call('RuntimeService', 'Version', {});
    return true;
  } catch {
    return false;
  }
}

async function writeConfig(folder: string, socket: string): Promise<string> {
  const text = `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${SNAPSHOTTER}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${folder}/cni/bin"
    conf_dir = "${folder}/cni/conf"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${folder}/hosts"
`;
  const file = join(folder, 'config.toml');
  await writeFile(file, text);
  return file;
}

async function writeHosts(folder: string, plainHttpHosts: readonly string[]): Promise<void> {
  for (const host of plainHttpHosts) {
    const place = join(folder, 'hosts', host);
    await mkdir(place, { recursive: true });
    const address = `"http://${host}"`;
    const text = `server = ${address}\n[host.${address}]\n  capabilities = ["pull", "resolve"]\n`;
    await writeFile(join(place, 'hosts.toml'), text);
  }
}

const SecretSchema = z.object({
  type: z.literal('kubernetes.io/dockerconfigjson'),
  data: z.object({ '.dockerconfigjson': z.base64() }).optional(),
  stringData: z.object({ '.dockerconfigjson': z.string() }).optional(),
});

const DockerConfigEntrySchema = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  auth: z.string().optional(),
});
type DockerConfigEntry = z.infer<typeof DockerConfigEntrySchema>;

const DockerConfigSchema = z.object({ auths: z.record(z.string(), DockerConfigEntrySchema) });

/**
 * The credentials in an imagePullSecret that kubelet would present first for the image, or null.
 * Follows kubelet's pkg/credentialprovider/keyring.go, its plain comparison of prefixes included: an
 * entry for `host/group/app` is presented for `host/group/app-evil`, too.
 */
export function authConfigFromSecret(secret: string | object, image: string): CriAuth | null {
  const { data, stringData } = SecretSchema.parse(
    typeof secret === 'string' ? parseYaml(secret) : secret,
  );
  const encoded = data?.['.dockerconfigjson'] ?? '';
  const json = stringData?.['.dockerconfigjson'] ?? Buffer.from(encoded, 'base64').toString();
  const { auths } = DockerConfigSchema.parse(JSON.parse(json));
  const target = placeOf(repositoryOf(image));
  const entries = Object.entries(auths)
    .map(([key, entry]) => ({ pattern: registryPattern(key), entry }))
    .sort((a, b) => (a.pattern < b.pattern ? 1 : -1));
  const match = entries.find(({ pattern }) => matches(pattern, target));
  return match === undefined ? null : criAuth(match.entry);
}

/** Without tag and digest; the host's port is not a tag. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/]*$/, '');
}

/** Host and path of an entry's key, which may be a URL and may end in a version of the registry API. */
function registryPattern(key: string): string {
  const [host = '', ...path] = key.replace(/^https?:\/\//, '').split('/');
  const names = (path[0] === 'v1' || path[0] === 'v2') && path.length > 1 ? path.slice(1) : path;
  const rest = names.join('/');
  return rest === '' ? host : `${host}/${rest}`;
}

interface Place {
  readonly labels: readonly string[];
  readonly port: string;
  readonly path: string;
}

function placeOf(text: string): Place {
  const slash = text.indexOf('/');
  const host = slash === -1 ? text : text.slice(0, slash);
  const [name = '', port = ''] = host.split(':');
  return { labels: name.split('.'), port, path: slash === -1 ? '' : text.slice(slash) };
}

function matches(pattern: string, target: Place): boolean {
  const { labels, port, path } = placeOf(pattern);
  return (
    port === target.port &&
    labels.length === target.labels.length &&
    labels.every((label, index) => globMatches(label, target.labels[index] ?? '')) &&
    target.path.startsWith(path)
  );
}

function globMatches(glob: string, text: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(text);
}

/** Kubelet decodes `auth`, which wins over the two fields, and hands on username and password. */
function criAuth(entry: DockerConfigEntry): CriAuth {
  if (entry.auth === undefined || entry.auth === '') {
    return { username: entry.username ?? '', password: entry.password ?? '' };
  }
  const decoded = Buffer.from(entry.auth, 'base64').toString();
  const colon = decoded.indexOf(':');
  if (colon === -1) {
    throw new Error('An auth field must be base64 of username:password.');
  }
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
