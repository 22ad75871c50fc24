import { readFileSync } from 'node:fs';

/** Of Pullgate, from package.json: two folders above dist/src/version.js. */
export function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return /"version":\s*"(?<version>[^"]+)"/.exec(text)?.groups?.['version'] ?? 'unknown';
}
