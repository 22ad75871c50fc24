import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The files as they are in the source tree, from dist/src/web/ as from the image. */
const FOLDER = new URL('../../../src/web/assets/', import.meta.url);

const TYPES = {
  'pullgate.css': 'text/css; charset=utf-8',
  'pullgate.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;
export type AssetName = keyof typeof TYPES;

export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

export interface Assets {
  /** Changes with the content, so that browsers may keep what they have for good. */
  readonly urlOf: (name: AssetName) => string;
  readonly find: (path: string) => Asset | null;
}

/** Reads them once, at start. */
export function loadAssets(): Assets {
  const byPath = new Map<string, Asset>();
  const urls = new Map<string, string>();
  for (const [name, type] of Object.entries(TYPES)) {
    const content = readFileSync(new URL(name, FOLDER));
    const hash = createHash('sha256').update(content).digest('base64url').slice(0, 12);
    const url = `/assets/${name.replace('.', `-${hash}.`)}`;
    byPath.set(url, { type, content });
    urls.set(name, url);
  }
  return {
    urlOf: (name) => urls.get(name) ?? '',
    find: (path) => byPath.get(path) ?? null,
  };
}
