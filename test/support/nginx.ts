import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOwnProcess, waitUntilReady } from '../../src/quickstart/own-process.js';
import { findSystemProgram } from './docker-engine.js';
import { temporaryFolder } from './run.js';

export interface Nginx {
  readonly stop: () => Promise<void>;
}

/** An nginx of its own in front of a port of this machine, as docs/operations.md has it, without TLS. */
export async function startNginx(options: {
  readonly listen: number;
  readonly upstream: number;
}): Promise<Nginx> {
  const program = await findSystemProgram('nginx');
  if (program === null) {
    throw new Error('These tests need nginx: apt-get update && apt-get install -y nginx-light');
  }
  const folder = await temporaryFolder('pullgate-nginx');
  const config = join(folder.path, 'nginx.conf');
  await writeFile(config, configOf(folder.path, options));
  const own = startOwnProcess(program, ['-c', config, '-p', folder.path]);
  async function stop(): Promise<void> {
    await own.stop();
    await folder.remove();
  }
  const origin = `http://localhost:${options.listen}`;
  await waitUntilReady(own, program, async () => await answers(origin)).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  return { stop };
}

async function answers(origin: string): Promise<boolean> {
  return await fetch(`${origin}/-/health`).then(
    () => true,
    () => false,
  );
}

function configOf(
  folder: string,
  { listen, upstream }: { readonly listen: number; readonly upstream: number },
): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${folder}/${kind};`,
  );
  return `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
${paths.join('\n')}
  access_log off;
  upstream pullgate {
    server 127.0.0.1:${upstream};
    keepalive 64;
  }
  server {
    listen 127.0.0.1:${listen};
    client_max_body_size 0;
    location / {
      proxy_pass http://pullgate;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_request_buffering off;
      proxy_buffering off;
    }
  }
}
`;
}
