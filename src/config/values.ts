/** How the text of a setting is read, and what is said of one that cannot be. */

import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { DATABASE_URL_FORMS, parseDatabaseUrl, type DatabaseLocation } from '../store/databases.js';

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** A YAML number, or the text of a variable; nothing else passes for one. */
export function wholeNumber(min: number, max: number): WholeNumber {
  const message = `is not a whole number from ${min} to ${max}`;
  return z
    .union([z.number({ error: message }), z.string().regex(/^\d+$/, message)], { error: message })
    .transform(Number)
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, { message });
}

type WholeNumber = z.ZodPipe<
  z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>,
  z.ZodTransform<number, string | number>
>;

type Refine = z.core.$RefinementCtx;

export function listenAddress(text: string, ctx: Refine): Listen {
  const { host, port } = /^(?<host>\[[^\]]+\]|[^:]*):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    return refuse(ctx, `is not host:port, such as 127.0.0.1:5080 (got ${JSON.stringify(text)})`);
  }
  const address = host.replaceAll(/^\[|\]$/g, '');
  if (address !== host && isIP(address) !== 6) {
    return refuse(ctx, `is not an IPv6 address in brackets (got ${JSON.stringify(text)})`);
  }
  return { host: address || '0.0.0.0', port: Number(port) };
}

/** As it stands before the first slash of an image's name: in lower case, since kubelets compare bytes. */
export function hostAndPort(text: string, ctx: Refine): string {
  const host = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
  return host.test(text)
    ? text.toLowerCase()
    : refuse(
        ctx,
        'is not host or host:port, such as registry.example.com, without https:// or path',
      );
}

export function origin(text: string, ctx: Refine): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return refuse(ctx, 'is not an address such as https://pullgate.example.com');
  }
  if (url.href !== `${url.origin}/`) {
    return refuse(ctx, 'may have neither a path nor a query, nor a user');
  }
  return url.origin;
}

/** As browsers write them. */
export function originList(value: string | string[], ctx: Refine): ReadonlySet<string> {
  return new Set(textsIn(value).map((text) => origin(text, ctx)));
}

/** Of a list, or of a text with commas. */
function textsIn(value: string | string[]): string[] {
  return [value]
    .flat()
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

export function databaseUrl(text: string, ctx: Refine): DatabaseLocation {
  return (
    parseDatabaseUrl(text) ??
    // The text itself may hold a password, so it is not repeated.
    refuse(ctx, `is neither ${DATABASE_URL_FORMS.join(' nor ')}`)
  );
}

export function addressList(value: string | string[], ctx: Refine): BlockList {
  const list = new BlockList();
  const wrong = textsIn(value).filter((text) => !addAddresses(list, text));
  return wrong.length === 0 ? list : refuse(ctx, `${wrong.join(', ')} is no address or CIDR`);
}

/** Takes `10.0.0.0/8`, `::1` and the like; false for what is neither an address nor a CIDR. */
function addAddresses(list: BlockList, text: string): boolean {
  // Number('') is 0: without the check, `10.0.0.0/` would trust the whole world.
  const { address, bits } = /^(?<address>[^/]+)(?:\/(?<bits>\d{1,3}))?$/.exec(text)?.groups ?? {};
  if (address === undefined) {
    return false;
  }
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  try {
    if (bits === undefined) {
      list.addAddress(address, family);
    } else {
      list.addSubnet(address, Number(bits), family);
    }
    return true;
  } catch {
    return false;
  }
}

function refuse(ctx: Refine, message: string): never {
  ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
}
