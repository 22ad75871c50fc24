/** A browser without a window: cookies, forms with their hidden inputs, redirects on demand. */

import { expect } from 'chai';

export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

export interface WebClient {
  readonly get: (path: string) => Promise<WebAnswer>;
  /** As a page of ours would send it, with the CSRF token and the nonce of the last page. */
  readonly submit: (path: string, fields: FieldList) => Promise<WebAnswer>;
  /** Exactly these fields and headers, with the cookies. */
  readonly post: (
    path: string,
    fields: FieldList,
    headers?: Record<string, string>,
  ) => Promise<WebAnswer>;
  readonly cookies: Map<string, string>;
  readonly signIn: (username: string, password: string) => Promise<WebAnswer>;
}

type FieldList = Readonly<Record<string, string | readonly string[]>>;

/** `always` are headers of every request. */
export function webClient(
  origin: string,
  always: Readonly<Record<string, string>> = {},
): WebClient {
  const cookies = new Map<string, string>();
  let lastPage = '';

  async function send(path: string, init: RequestInit): Promise<WebAnswer> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(always)) {
      headers.set(name, value);
    }
    headers.set('accept', 'text/html');
    headers.set('cookie', Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(origin + path, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const { name = '', value = '' } =
        /^(?<name>[^=]+)=(?<value>[^;]*)/.exec(cookie)?.groups ?? {};
      if (value === '') {
        cookies.delete(name);
      } else {
        cookies.set(name, value);
      }
    }
    const html = await response.text();
    lastPage = html === '' ? lastPage : html;
    return { status: response.status, headers: response.headers, html };
  }

  async function post(
    path: string,
    fields: FieldList,
    headers: Record<string, string> = { origin, 'sec-fetch-site': 'same-origin' },
  ): Promise<WebAnswer> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) {
      for (const text of [value].flat()) {
        body.append(name, text);
      }
    }
    return await send(path, { method: 'POST', body, headers });
  }

  async function submit(path: string, fields: FieldList): Promise<WebAnswer> {
    return await post(path, {
      csrf: hidden(lastPage, 'csrf'),
      nonce: hidden(lastPage, 'nonce'),
      ...fields,
    });
  }

  async function get(path: string): Promise<WebAnswer> {
    return await send(path, { method: 'GET' });
  }

  return {
    get,
    post,
    submit,
    cookies,
    async signIn(username, password) {
      await get('/users/sign_in');
      const answer = await submit('/users/sign_in', { username, password });
      expect(answer.status, 'signed in').to.equal(303);
      return answer;
    },
  };
}

/** The value of a hidden input; empty when there is none. */
export function hidden(html: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
  return value.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** Where a link under a list leads, such as `next`; null when there is none. */
export function pageLink(html: string, of: string, rel: string): string | null {
  const [, links = ''] = new RegExp(`aria-label="Pages of ${of}">(.*?)</nav>`).exec(html) ?? [];
  const [, address] = new RegExp(`rel="${rel}" href="([^"]*)"`).exec(links) ?? [];
  return address?.replaceAll('&amp;', '&') ?? null;
}
