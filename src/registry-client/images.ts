import { z } from 'zod';
import { ask, RegistryRefusal, type RegistryAddress } from './answers.js';

const TIMEOUT_MS = 5000;
const MAX_TAGS_BYTES = 4 * 1024 * 1024;
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
const MAX_CONFIG_BYTES = 1024 * 1024;

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** distribution, reference/regexp.go */
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Builds that give the same bytes each time say a date of long ago, 1970 or 1980. */
const FIRST_YEAR = 2000;

const Tags = z.object({
  tags: z
    .array(z.string())
    .nullish()
    .transform((tags) => (tags ?? []).filter((tag) => TAG.test(tag))),
});

const Digest = z.string().regex(DIGEST);
const Manifest = z.object({
  config: z.object({ digest: Digest }).optional(),
  /** Of an index: the image for each platform. */
  manifests: z.array(z.object({ digest: Digest })).optional(),
});
const ImageConfig = z.object({ created: z.string().optional() });

/** Those that the registry gives at once; null for a repository that it does not know. */
export async function readTags(
  registry: RegistryAddress,
  repository: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  try {
    const { body } = await ask(registry, {
      path: `/v2/${repository}/tags/list`,
      access: pullOf(repository),
      schema: Tags,
      maxBytes: MAX_TAGS_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    return body.tags;
  } catch (error) {
    if (error instanceof RegistryRefusal && error.status === 404) {
      return null;
    }
    throw error;
  }
}

/** When the image of a tag was built, as it says itself; null for one that does not say. */
export async function readCreatedAt(
  registry: RegistryAddress,
  { repository, tag }: { readonly repository: string; readonly tag: string },
  signal: AbortSignal,
): Promise<Date | null> {
  const manifest = await readManifest(registry, { repository, reference: tag }, signal);
  const [first] = manifest.manifests ?? [];
  const { config } =
    first === undefined
      ? manifest
      : await readManifest(registry, { repository, reference: first.digest }, signal);
  if (config === undefined) {
    return null;
  }
  const { body } = await ask(registry, {
    path: `/v2/${repository}/blobs/${config.digest}`,
    access: pullOf(repository),
    accept: '*/*',
    schema: ImageConfig,
    maxBytes: MAX_CONFIG_BYTES,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const created = new Date(body.created ?? NaN);
  return created.getUTCFullYear() >= FIRST_YEAR ? created : null;
}

async function readManifest(
  registry: RegistryAddress,
  { repository, reference }: { readonly repository: string; readonly reference: string },
  signal: AbortSignal,
): Promise<z.infer<typeof Manifest>> {
  const { body } = await ask(registry, {
    path: `/v2/${repository}/manifests/${reference}`,
    access: pullOf(repository),
    accept: MANIFESTS,
    schema: Manifest,
    maxBytes: MAX_MANIFEST_BYTES,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  return body;
}

function pullOf(repository: string): {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
} {
  return { type: 'repository', name: repository, actions: ['pull'] };
}
