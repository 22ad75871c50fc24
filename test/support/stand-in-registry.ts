import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface StandInRegistry {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What was asked for, with its query. */
  readonly asked: readonly string[];
  readonly authorizations: readonly string[];
  readonly stop: () => Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Answers as it is told, in place of a registry. */
export async function startStandIn(answer: Answer): Promise<StandInRegistry> {
  const asked: string[] = [];
  const authorizations: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    authorizations.push(request.headers.authorization ?? '');
    void Promise.resolve(answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${portOf(server)}`, asked, authorizations, stop };

  async function stop(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A catalogue as distribution gives it: sorted, in pages of `n` after `last`, each after a while. */
export function catalogue(
  names: readonly string[],
  { delayMs = 0, maxEntries = 1000 } = {},
): Answer {
  return async (request, response) => {
    const query = new URL(request.url ?? '', 'http://registry').searchParams;
    const n = Number(query.get('n'));
    await pause(delayMs);
    if (n > maxEntries) {
      answerJson(response, { errors: [{ code: 'PAGINATION_NUMBER_INVALID' }] }, 400);
      return;
    }
    const last = query.get('last');
    const start = names.filter((name) => last !== null && name <= last).length;
    const page = names.slice(start, start + n);
    if (start + n < names.length) {
      const next = new URLSearchParams({ last: page.at(-1) ?? '', n: String(n) });
      response.setHeader('link', `</v2/_catalog?${next.toString()}>; rel="next"`);
    }
    answerJson(response, { repositories: page });
  };
}

/** Each repository's tags, with when the image says it was built; null for one that does not say. */
export type Holds = Readonly<Record<string, Readonly<Record<string, Date | null>>>>;

/** A catalogue, tags, manifests and configurations of images, which have no layers. */
export function holding(holds: Holds): Answer {
  const names = catalogue(Object.keys(holds).toSorted());
  const documents = new Map<string, unknown>();
  for (const [repository, tags] of Object.entries(holds)) {
    documents.set(`/v2/${repository}/tags/list`, { tags: Object.keys(tags) });
    for (const [tag, created] of Object.entries(tags)) {
      const config = created === null ? {} : { created: created.toISOString() };
      const digest = `sha256:${createHash('sha256').update(JSON.stringify(config)).digest('hex')}`;
      documents.set(`/v2/${repository}/manifests/${tag}`, { config: { digest } });
      documents.set(`/v2/${repository}/blobs/${digest}`, config);
    }
  }
  return async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    if (path === '/v2/_catalog') {
      await names(request, response);
    } else {
      answerJson(response, documents.get(path) ?? {}, documents.has(path) ? 200 : 404);
    }
  };
}

export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
