import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildDemoImage,
  descriptor,
  pushImage,
  tarArchive,
  type Image,
  type ImageFormat,
  type ImageRepository,
} from '../../src/quickstart/demo-image.js';

/** An image of a few hundred bytes; other content, other digests. */
export function aTinyImage(content = 'Hello', format: ImageFormat = 'docker'): Image {
  return buildDemoImage({ files: { '/hello.txt': content }, format });
}

/** Pushes a tiny image by plain HTTP and returns its digest. */
export async function pushTinyImage(
  target: ImageRepository & { readonly tag: string; readonly content?: string },
): Promise<string> {
  return await pushImage({ ...target, image: aTinyImage(target.content) });
}

/** Writes an OCI image layout, for `skopeo copy oci:<folder>:<tag> docker://…`. */
export async function imageLayout(
  folder: string,
  options: { readonly tag: string; readonly content?: string },
): Promise<Image> {
  const image = aTinyImage(options.content, 'oci');
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const part of [image.manifest, image.config, ...image.layers]) {
    await writeFile(join(blobs, part.digest.replace('sha256:', '')), part.bytes);
  }
  const annotations = { 'org.opencontainers.image.ref.name': options.tag };
  const index = {
    schemaVersion: 2,
    manifests: [{ ...descriptor(image.manifest), annotations }],
  };
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return image;
}

/** What `docker load` reads on its standard input; the image gets the name, `localhost:5000/a/b:1`. */
export function dockerArchive(image: Image, name: string): Uint8Array {
  const layers = image.layers.map((layer, index) => ({
    path: `layer-${index}.tar.gz`,
    content: layer.bytes,
  }));
  const manifest = [
    { Config: 'config.json', RepoTags: [name], Layers: layers.map(({ path }) => path) },
  ];
  return tarArchive([
    { path: 'config.json', content: image.config.bytes },
    ...layers,
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}
