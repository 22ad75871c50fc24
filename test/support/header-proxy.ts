import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { freePort } from './run.js';

export interface HeaderProxy {
  readonly origin: string;
  readonly stop: () => void;
}

/** Hands requests on to the ports in turn, with other headers: one that is undefined is dropped. */
export async function startHeaderProxy(
  ports: readonly number[],
  change: (headers: IncomingHttpHeaders) => IncomingHttpHeaders,
): Promise<HeaderProxy> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    const { method, url: path } = request;
    const headers = withoutMissing(change(request.headers));
    const port = ports[count % ports.length];
    httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export function withoutAuthorization(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { ...headers, authorization: undefined };
}

function withoutMissing(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
