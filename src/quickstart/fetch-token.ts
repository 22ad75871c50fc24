import { z } from 'zod';
import { AppError } from '../access/errors.js';
import type { Credentials } from '../credentials.js';
import type { Config } from '../config/schema.js';

const Answer = z.object({ token: z.string() });
const Refusal = z.object({ errors: z.array(z.object({ message: z.string() })) });

/** Asks our own token endpoint as a registry client does; an AppError when it refuses. */
export async function fetchRegistryToken(
  config: Config,
  { username, secret }: Credentials,
  scope: string,
): Promise<string> {
  const url = new URL('/token', config.http.publicUrl);
  url.searchParams.set('service', config.registry.service);
  url.searchParams.set('scope', scope);
  const basic = Buffer.from(`${username}:${secret.reveal()}`).toString('base64');
  const response = await fetch(url, { headers: { authorization: `Basic ${basic}` } });
  const body: unknown = await response.json();
  if (!response.ok) {
    const refusal = Refusal.safeParse(body);
    throw new AppError(
      response.status === 401 ? 'invalid_credentials' : 'forbidden',
      refusal.data?.errors[0]?.message ?? `The token endpoint answered ${response.status}.`,
    );
  }
  return Answer.parse(body).token;
}
