/** What the tests run in containers where a Docker engine answers, and the images for it can be had. */

import { run } from './run.js';

const PULL_MS = 5 * 60_000;

const asked = new Map<string, Promise<string | null>>();
const announced = new Set<string>();

/** Null when containers of the image can be started; else why they cannot. */
export async function imageProblem(image: string): Promise<string | null> {
  const problem = asked.get(image) ?? findProblem(image);
  asked.set(image, problem);
  return await problem;
}

async function findProblem(image: string): Promise<string | null> {
  if (!(await succeeds('version'))) {
    return 'no Docker engine answers';
  }
  const isHere = (await succeeds('image', 'inspect', image)) || (await succeeds('pull', image));
  return isHere ? null : `Docker cannot get ${image}`;
}

async function succeeds(...args: readonly string[]): Promise<boolean> {
  const result = await run('docker', args, { timeoutMs: PULL_MS }).catch(() => null);
  return result?.code === 0;
}

/** An engine without a bridge, such as a private one of these tests, has the host's network only. */
export async function prepareTestcontainers(): Promise<{ readonly hasBridge: boolean }> {
  const network = await run('docker', ['network', 'inspect', 'bridge']);
  const hasBridge = !network.output.includes('network bridge not found');
  // Its reaper is one more image to pull; stop() removes the containers.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  if (!hasBridge) {
    // Inside a container, testcontainers takes the bridge's gateway for the host's address.
    process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= 'localhost';
  }
  return { hasBridge };
}

/** Prints, once, what the tests run against. */
export function announce(what: string, description: string): void {
  const line = `${what} for the tests: ${description}\n`;
  if (!announced.has(line)) {
    announced.add(line);
    process.stderr.write(line);
  }
}
