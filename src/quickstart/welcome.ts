import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLocalName } from './demo-addresses.js';
import type { DemoFolder } from './demo-folder.js';
import { DEMO_TAG, type Demo } from './demo.js';
import { cloneAddress, DEMO_PROJECT } from './demo-repository.js';
import type { Stack } from './stack.js';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));

/** What to try, as lines for any POSIX shell, in any folder. */
export function welcome(stack: Stack, demo: Demo, folder: DemoFolder): string {
  const { config, registry } = stack;
  const { username, secret } = demo.credentials;
  const { publicUrl } = config.http;
  const image = `${registry.host}/${DEMO_PROJECT}:${DEMO_TAG}`;
  const expires = demo.token.expiresAt?.toISOString().slice(0, 10) ?? '';
  return `
Pullgate      ${publicUrl}   (open it in a browser; token endpoint: ${publicUrl}/token)
Registry      ${registry.host}   (${registry.description})
Demo project  ${DEMO_PROJECT}

Log in, pull, run and clone with its deploy token, which expires on ${expires}:
${insecureHint(registry.host)}
    printf %s ${quoted(secret.reveal())} | docker login -u ${username} --password-stdin ${registry.host}
    docker pull ${image}
    docker run --rm ${image}
    git clone ${quoted(cloneAddress(stack, demo.credentials))}

Revoke it, and try again, in the browser or here:

    ${publicUrl}/${DEMO_PROJECT}/-/settings/repository
    ${command(folder)} deploy-token revoke ${demo.token.id}

Sign in at ${publicUrl}/users/sign_in as ${demo.administrator.username}, password ${password(demo, folder)}

Everything is in ${shown(folder.path)}, the log in ${shown(folder.logFile)}. Remove the folder to begin anew. Ctrl-C stops everything.
`;
}

function password({ password: secret, administrator }: Demo, folder: DemoFolder): string {
  return secret === null
    ? 'as shown at the first start; set a new one with:\n' +
        `    printf %s NEW_PASSWORD | ${command(folder)} user password ${administrator.username} --password-stdin`
    : `${secret.reveal()}   (shown only now)`;
}

/** Docker speaks plain HTTP to this machine's own name only. */
function insecureHint(host: string): string {
  return isLocalName(new URL(`http://${host}`).hostname)
    ? ''
    : `\n(docker first needs {"insecure-registries": ["${host}"]} in /etc/docker/daemon.json: this demo speaks plain HTTP)\n`;
}

function command({ settingsFile }: DemoFolder): string {
  return `PULLGATE_CONFIG=${quoted(settingsFile)} node ${quoted(PROGRAM)}`;
}

function shown(path: string): string {
  return `./${relative('.', path)}`;
}

/** One word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
