import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Config } from '../config/schema.js';
import { readConfig } from '../config/load.js';
import type { CliContext } from './context.js';
import { CommandError } from '../failure.js';

const PATIENCE_MS = 4000;
/** Listening on every interface includes this one. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const ReadinessSchema = z.record(z.string(), z.string());

export function addHealthCommand(program: Command, context: CliContext): void {
  program
    .command('health')
    .description('ask the service on this host whether it can do its work: exit 0 or 1')
    .action(async () => {
      const { status, body } = await askReadiness(await readConfig(context));
      if (status !== 200) {
        throw new CommandError(`The service is not ready: ${body}`);
      }
      context.writeOut(`The service is ready${body === '' ? '' : `, but ${body}`}.\n`);
    });
}

async function askReadiness({ http }: Config): Promise<{ status: number; body: string }> {
  const { host, port } = http.listen;
  const options: RequestOptions = {
    host: LOOPBACK[host] ?? host,
    port,
    path: '/-/readiness',
    signal: AbortSignal.timeout(PATIENCE_MS),
    // The certificate names the public address and not this one, and nothing secret is sent.
    rejectUnauthorized: false,
  };
  try {
    const response = await answerTo(
      http.tlsCert === undefined ? httpRequest : httpsRequest,
      options,
    );
    return { status: response.statusCode ?? 0, body: problemsIn(await text(response)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`The service at ${host}:${port} does not answer: ${reason}`);
  }
}

async function answerTo(
  request: typeof httpsRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    request(options, resolve).once('error', reject).end();
  });
}

/** `database: does not answer`, and the like, of the readiness page. */
function problemsIn(body: string): string {
  const { status: _, ...parts } = ReadinessSchema.parse(JSON.parse(body));
  return Object.entries(parts)
    .filter(([, state]) => state !== 'ok')
    .map(([part, state]) => `${part}: ${state}`)
    .join(', ');
}
