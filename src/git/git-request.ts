/**
 * What a git client asks for. Protocol: git, Documentation/gitprotocol-http.adoc, smart HTTP.
 */

import type { IncomingMessage } from 'node:http';
import { parseForm } from '../http/form.js';

export const GIT_SERVICES = ['git-upload-pack', 'git-receive-pack'] as const;
export type GitService = (typeof GIT_SERVICES)[number];

export interface GitRequest {
  /** As typed, without `.git`; whether such a project exists is not known yet. */
  readonly projectPath: string;
  /** Null for what is refused whoever asks: the dumb protocol, archives, other queries. */
  readonly operation: GitOperation | null;
}

export interface GitOperation {
  readonly service: GitService;
  readonly step: 'advertise' | 'exchange';
}

// The dumb protocol's files are named to the letter: a project may well be called `team/objects`.
const ADDRESS =
  /^\/(?<path>.+?)(?:\.git)?\/(?<file>info\/refs|git-upload-pack|git-receive-pack|git-upload-archive|HEAD|objects\/(?:info\/(?:packs|(?:http-)?alternates)|pack\/pack-[0-9a-f]+\.(?:pack|idx)|[0-9a-f]{2}\/[0-9a-f]{38,62}))$/;

/** Null for an address that no git client asks for; the other doors may have it. */
export function parseGitRequest(request: IncomingMessage): GitRequest | null {
  const { address = '', query = '' } =
    /^(?<address>[^?]*)(?:\?(?<query>.*))?$/s.exec(request.url ?? '')?.groups ?? {};
  const { path, file } = ADDRESS.exec(address)?.groups ?? {};
  if (path === undefined || file === undefined) {
    return null;
  }
  return { projectPath: path, operation: operationOf(request.method ?? '', file, query) };
}

function operationOf(method: string, file: string, query: string): GitOperation | null {
  if (method === 'GET' && file === 'info/refs') {
    const service = advertisedService(query);
    return service && { service, step: 'advertise' };
  }
  const service = GIT_SERVICES.find((name) => name === file);
  return method === 'POST' && service !== undefined && query === ''
    ? { service, step: 'exchange' }
    : null;
}

/** The query must be `service=…` and nothing else: two values could be read as either. */
function advertisedService(query: string): GitService | null {
  const form = parseForm(query);
  const values = form?.get('service') ?? [];
  if (form?.size !== 1 || values.length !== 1) {
    return null;
  }
  return GIT_SERVICES.find((name) => name === values[0]) ?? null;
}

/** `Git-Protocol` becomes an environment variable, so only what git itself sends passes. */
export function gitProtocol(request: IncomingMessage): string | null {
  const header = request.headers['git-protocol'];
  return typeof header === 'string' && /^version=[0-2]$/.test(header) ? header : null;
}
