/** Serves the gallery: beside `npm run dev`, and for the checks in Chromium. */

import { createServer } from 'node:http';
import { once } from 'node:events';
import { loadAssets } from '../../src/web/assets.js';
import { securityHeaders } from '../../src/web/security-headers.js';
import { galleryPage } from './gallery.js';

export interface Gallery {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** At any free port for 0. */
export async function startGallery(port: number): Promise<Gallery> {
  const assets = loadAssets();
  const html = galleryPage(assets);
  const server = createServer(({ url = '' }, response) => {
    const asset = assets.find(url);
    response.setHeaders(new Headers(securityHeaders('http://localhost')));
    response.setHeader('content-type', asset?.type ?? 'text/html; charset=utf-8');
    response.end(asset?.content ?? html);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const at = typeof address === 'object' && address !== null ? address.port : port;
  return {
    address: `http://localhost:${at}/`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
