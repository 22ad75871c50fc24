import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';

const MEDIA_TYPES = {
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
} as const;

export type ImageFormat = keyof typeof MEDIA_TYPES;

/** A file that can be run. */
export interface ExecutableFile {
  readonly program: Uint8Array;
}

export interface ImageBlob {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Image {
  readonly manifest: ImageBlob;
  readonly config: ImageBlob;
  readonly layers: readonly ImageBlob[];
}

/** Where an image lies. Without a token, the registry is asked without credentials. */
export interface ImageRepository {
  /** Scheme, host and port: `http://localhost:5000`. */
  readonly registry: string;
  readonly repository: string;
  /** A registry token, or whoever gets one for a scope. */
  readonly token?: string | ((scope: string) => Promise<string>);
}

/** The registry answered, but not with what was asked for. */
export class RegistryAnswerError extends Error {
  override readonly name = 'RegistryAnswerError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const OCTAL_MODE_FILE = '0000644';
const OCTAL_MODE_ENTERED = '0000755';
const TAR_BLOCK = 512;
const TAR_NAME_MAX = 100;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * An image of one layer that holds just these files, by their absolute path. The same files of the same
 * time make the same digests, so that pushing it again changes nothing.
 */
export function buildDemoImage(options: {
  readonly files: Readonly<Record<string, string | ExecutableFile>>;
  /** 1970 where it is left out. */
  readonly created?: Date;
  /** In Go's words: `amd64`, `arm64`. */
  readonly architecture?: string;
  readonly format?: ImageFormat;
}): Image {
  const types = MEDIA_TYPES[options.format ?? 'docker'];
  const created = (options.created ?? new Date(0)).toISOString();
  const tar = tarArchive(withFolders(options.files));
  const layer = blob(types.layer, Uint8Array.from(gzipSync(tar, { level: 9 })));
  const config = jsonBlob(types.config, {
    architecture: options.architecture ?? hostArchitecture(),
    os: 'linux',
    created,
    // Without a command Docker refuses even to create a container, also where there is nothing to run.
    config: { Env: [], Cmd: Object.keys(options.files).slice(0, 1), WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created, created_by: 'pullgate' }],
  });
  const manifest = jsonBlob(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { manifest, config, layers: [layer] };
}

/** Uploads what the repository misses, then the manifest under the tag; returns the image's digest. */
export async function pushImage(
  target: ImageRepository & { readonly tag: string; readonly image: Image },
): Promise<string> {
  const send = await openRepository(target, 'pull,push');
  for (const part of [...target.image.layers, target.image.config]) {
    await uploadBlob(send, part);
  }
  const { manifest } = target.image;
  const answer = await send('PUT', `manifests/${target.tag}`, [201], {
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
  });
  const stored = answer.headers.get('docker-content-digest') ?? manifest.digest;
  requireDigest(`the manifest that ${target.repository}:${target.tag} now has`, {
    wanted: manifest.digest,
    found: stored,
  });
  return stored;
}

/** Downloads manifest, configuration and layers, and throws unless every byte has the digest it should. */
export async function pullImage(
  source: ImageRepository & { /** A tag or a digest. */ readonly reference: string },
): Promise<Image> {
  const send = await openRepository(source, 'pull');
  const accept = `${MEDIA_TYPES.docker.manifest}, ${MEDIA_TYPES.oci.manifest}`;
  const answer = await send('GET', `manifests/${source.reference}`, [200], { headers: { accept } });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const name = `${source.repository}:${source.reference}`;
  const manifest = blob(answer.headers.get('content-type') ?? '', bytes);
  const announced = answer.headers.get('docker-content-digest') ?? manifest.digest;
  const wanted = source.reference.startsWith('sha256:') ? source.reference : announced;
  requireDigest(`the manifest of ${name}`, { wanted, found: manifest.digest });

  const parts = parseManifest(name, bytes);
  const layers: ImageBlob[] = [];
  for (const layer of parts.layers) {
    layers.push(await downloadBlob(send, layer));
  }
  return { manifest, config: await downloadBlob(send, parts.config), layers };
}

/** What this machine's processor is called in images. */
export function hostArchitecture(): string {
  const names = new Map([
    ['x64', 'amd64'],
    ['ia32', '386'],
  ]);
  return names.get(process.arch) ?? process.arch;
}

export interface TarEntry {
  readonly path: string;
  /** Null for a folder. */
  readonly content: Uint8Array | null;
  readonly isExecutable?: boolean;
}

/** POSIX ustar, everything owned by root and dated 1970. */
export function tarArchive(entries: readonly TarEntry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap((entry) => {
    const bytes = entry.content ?? new Uint8Array();
    return [tarHeader(entry), bytes, padding(bytes.length)];
  });
  return Uint8Array.from(Buffer.concat([...parts, Buffer.alloc(2 * TAR_BLOCK)]));
}

function tarHeader({ path, content, isExecutable = false }: TarEntry): Buffer {
  const isFolder = content === null;
  const name = path.replace(/^\/+/, '') + (isFolder ? '/' : '');
  if (Buffer.byteLength(name) > TAR_NAME_MAX) {
    throw new Error(`A path in the image may have ${TAR_NAME_MAX} bytes: ${name}`);
  }
  const header = Buffer.alloc(TAR_BLOCK);
  header.write(name, 0);
  header.write(isFolder || isExecutable ? OCTAL_MODE_ENTERED : OCTAL_MODE_FILE, 100);
  header.write('0000000', 108); // user
  header.write('0000000', 116); // group
  header.write((content?.length ?? 0).toString(8).padStart(11, '0'), 124);
  header.write('00000000000', 136); // time
  header.write(' '.repeat(8), 148); // the checksum counts as blanks while it is summed
  header.write(isFolder ? '5' : '0', 156);
  header.write('ustar\u000000', 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, '0')}\u0000 `, 148);
  return header;
}

function padding(size: number): Buffer {
  return Buffer.alloc((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK);
}

/** The files, each after the folders above it. */
function withFolders(files: Readonly<Record<string, string | ExecutableFile>>): TarEntry[] {
  const entries = new Map<string, TarEntry>();
  for (const [path, file] of Object.entries(files)) {
    const absolute = posix.resolve('/', path);
    const names = absolute.split('/').slice(1, -1);
    names.forEach((_, index) => {
      const folder = `/${names.slice(0, index + 1).join('/')}`;
      entries.set(folder, { path: folder, content: null });
    });
    entries.set(
      absolute,
      typeof file === 'string'
        ? { path: absolute, content: Buffer.from(file) }
        : { path: absolute, content: file.program, isExecutable: true },
    );
  }
  return [...entries.values()];
}

function blob(mediaType: string, bytes: Uint8Array<ArrayBuffer>): ImageBlob {
  return { mediaType, bytes, digest: digestOf(bytes) };
}

function jsonBlob(mediaType: string, value: object): ImageBlob {
  return blob(mediaType, new TextEncoder().encode(JSON.stringify(value)));
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** How a manifest refers to a blob. */
export function descriptor(part: ImageBlob): { mediaType: string; size: number; digest: string } {
  return { mediaType: part.mediaType, size: part.bytes.length, digest: part.digest };
}

const DescriptorSchema = z.object({
  mediaType: z.string(),
  size: z.number(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});
type Descriptor = z.infer<typeof DescriptorSchema>;

const ManifestSchema = z.object({ config: DescriptorSchema, layers: z.array(DescriptorSchema) });

function parseManifest(name: string, bytes: Uint8Array): z.infer<typeof ManifestSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Error(`The manifest of ${name} is not JSON.`);
  }
  const result = ManifestSchema.safeParse(json);
  if (!result.success) {
    throw new Error(`The manifest of ${name} does not describe one image: ${result.error.message}`);
  }
  return result.data;
}

async function uploadBlob(send: Send, part: ImageBlob): Promise<void> {
  const present = await send('HEAD', `blobs/${part.digest}`, [200, 404]);
  if (present.status === 200) {
    return;
  }
  const begun = await send('POST', 'blobs/uploads/', [202]);
  const place = begun.headers.get('location');
  if (place === null) {
    throw new Error(`The registry did not say where to upload ${part.digest} to.`);
  }
  const address = new URL(place, begun.url);
  address.searchParams.set('digest', part.digest);
  await send('PUT', address.href, [201], {
    headers: { 'content-type': 'application/octet-stream' },
    body: part.bytes,
  });
}

async function downloadBlob(send: Send, wanted: Descriptor): Promise<ImageBlob> {
  const answer = await send('GET', `blobs/${wanted.digest}`, [200]);
  const found = blob(wanted.mediaType, new Uint8Array(await answer.arrayBuffer()));
  requireDigest(`blob ${wanted.digest}`, { wanted: wanted.digest, found: found.digest });
  return found;
}

function requireDigest(what: string, { wanted, found }: { wanted: string; found: string }): void {
  if (wanted !== found) {
    throw new Error(`The registry's copy of ${what} is not intact: ${found} instead of ${wanted}.`);
  }
}

interface RequestParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Asks for a path of the repository; throws unless the status is one of the expected ones. */
type Send = (
  method: string,
  path: string,
  expected: readonly number[],
  parts?: RequestParts,
) => Promise<Response>;

async function openRepository(place: ImageRepository, actions: string): Promise<Send> {
  const root = new URL(`/v2/${place.repository}/`, place.registry);
  const scope = `repository:${place.repository}:${actions}`;
  const token = typeof place.token === 'function' ? await place.token(scope) : place.token;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };

  return async (method, path, expected, { headers, body } = {}) => {
    const url = new URL(path, root);
    if (url.origin !== root.origin) {
      // The registry token is for the registry alone.
      throw new Error(`The registry at ${root.origin} sends us to another server, ${url.origin}.`);
    }
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...authorization },
      body: body ?? null,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Error(`No answer from the registry to ${method} ${url.href}`, { cause: error });
    });
    if (!expected.includes(answer.status)) {
      const reason = refusalText(await answer.text());
      const message = `${method} ${url.pathname}: the registry answered ${answer.status}${reason}`;
      throw new RegistryAnswerError(answer.status, message);
    }
    return answer;
  };
}

const RefusalSchema = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string().default('') })),
});

function refusalText(body: string): string {
  try {
    const { errors } = RefusalSchema.parse(JSON.parse(body));
    return ` (${errors.map(({ code, message }) => `${code}: ${message}`).join('; ')})`;
  } catch {
    return '';
  }
}
