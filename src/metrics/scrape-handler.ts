import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_TYPE } from './metrics.js';

const PATH = '/-/metrics';

export interface ScrapeHandlerOptions {
  readonly scrape: () => Promise<string>;
  readonly failed: (error: unknown) => void;
}

/** Answers `GET /-/metrics`, and nothing else. */
export function scrapeHandler({
  scrape,
  failed,
}: ScrapeHandlerOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async ({ method, url = '' }, response) => {
    if (url.split('?', 1)[0] !== PATH) {
      refuse(response, 404, `Only ${PATH} is served here.`);
      return;
    }
    if (method !== 'GET') {
      response.setHeader('allow', 'GET');
      refuse(response, 405, 'Use GET.');
      return;
    }
    try {
      const text = await scrape();
      response.writeHead(200, { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' });
      response.end(text);
    } catch (error) {
      failed(error);
      refuse(response, 500, 'The metrics could not be gathered; the log tells why.');
    }
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${message}\n`);
}
