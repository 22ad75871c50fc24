/** A refusal as git's own protocol has it, for clients that show nothing else of one. */

import type { GitService } from './git-request.js';

/**
 * libgit2 (cargo, Julia, many editors), dulwich (Poetry) and gitoxide show of a refusal its number alone:
 * neither the text, which git prints, nor the status line. The error line of the protocol they do show.
 */
const SHOWS_ONLY_THE_STATUS = /\b(?:libgit2|dulwich|git\/oxide)\b/;

export function showsOnlyTheStatus(userAgent: string): boolean {
  return SHOWS_ONLY_THE_STATUS.test(userAgent);
}

/** In place of the references. Protocol: git, Documentation/gitprotocol-pack.adoc, error-line. */
export function refusedAdvertisement(service: GitService, message: string): string {
  return `${packet(`# service=${service}\n`)}0000${packet(`ERR ${message}`)}`;
}

function packet(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}
