/** The stock registries that the tests run against: one of each version that can be had here. */

import { isAbsolute, join } from 'node:path';
import {
  findRegistryPrograms,
  registryProgram,
  registryVersion,
  type RegistryProgram,
} from '../../src/quickstart/stock-registry.js';
import { announce, imageProblem } from './containers.js';
import { factsOf, type RegistryFacts } from './registry-facts.js';
import {
  startRegistryImage,
  startRegistryProgram,
  type TestRegistry,
  type TestRegistryOptions,
} from './registry.js';
import { run } from './run.js';

/** One that can be started, on a free port, any number of times. */
export interface AvailableRegistry {
  readonly version: string;
  readonly facts: RegistryFacts;
  readonly start: (options: TestRegistryOptions) => Promise<TestRegistry>;
}

type Candidate = Pick<AvailableRegistry, 'version' | 'start'> & { readonly description: string };

const IMAGES = ['registry:2', 'registry:3'];
// Where the quickstart may have left one.
const CACHE_DIR = join(import.meta.dirname, '..', '..', '..', 'data', 'cache');

let available: Promise<readonly [AvailableRegistry, ...AvailableRegistry[]]> | undefined;

/**
 * The first registry of each major version, images before programs of this machine, and those that
 * PULLGATE_TEST_REGISTRIES names: files and images, separated by commas.
 */
export async function availableRegistries(): Promise<
  readonly [AvailableRegistry, ...AvailableRegistry[]]
> {
  available ??= findRegistries();
  return await available;
}

async function findRegistries(): Promise<readonly [AvailableRegistry, ...AvailableRegistry[]]> {
  const named = process.env['PULLGATE_TEST_REGISTRY_IMAGE'];
  const images = named === undefined ? IMAGES : [named];
  const problems: string[] = [];
  const candidates = [...(await imagesOf(images, problems)), ...(await programsOfMachine())];
  const [first, ...others] = [...oneOfEachMajor(candidates), ...(await registriesByName())];
  if (first === undefined) {
    throw new Error(
      `These tests need a stock registry, and ${problems.join(', ')}. Start a Docker engine, or ` +
        'install the program: apt-get update && apt-get install -y docker-registry',
    );
  }
  const reason = problems.length === 0 ? '' : ` (${[...new Set(problems)].join(', ')})`;
  const descriptions = [first, ...others].map(({ description }) => description);
  announce('Registry', descriptions.join(', ') + reason);
  return [withFacts(first), ...others.map(withFacts)];
}

function withFacts({ version, start }: Candidate): AvailableRegistry {
  return { version, start, facts: factsOf(version) };
}

async function imagesOf(images: readonly string[], problems: string[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const image of images) {
    const problem = await imageProblem(image);
    if (problem === null) {
      candidates.push(await imageCandidate(image));
    } else {
      problems.push(problem);
    }
  }
  return candidates;
}

async function imageCandidate(image: string): Promise<Candidate> {
  const { output } = await run('docker', ['run', '--rm', '--network=none', image, '--version']);
  const version = registryVersion(output);
  if (version === null) {
    throw new Error(`The image ${image} is not a registry. It printed:\n${output}`);
  }
  return {
    version,
    description: `registry ${version} (${image} in a container)`,
    start: async (options) => await startRegistryImage(image, options),
  };
}

async function programsOfMachine(): Promise<Candidate[]> {
  const programs = await findRegistryPrograms(process.env['PATH'] ?? '', CACHE_DIR);
  return programs.map(programCandidate);
}

function programCandidate({ file, version }: RegistryProgram): Candidate {
  return {
    version,
    description: `registry ${version} (${file})`,
    start: async (options) => await startRegistryProgram(file, options),
  };
}

function oneOfEachMajor(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(
    ({ version }, index) =>
      candidates.findIndex((other) => majorOf(other.version) === majorOf(version)) === index,
  );
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

async function registriesByName(): Promise<Candidate[]> {
  const names = (process.env['PULLGATE_TEST_REGISTRIES'] ?? '').split(',').filter(Boolean);
  return await Promise.all(names.map(registryByName));
}

/** Whoever names a registry wants it tested: one that does not work is an error. */
async function registryByName(name: string): Promise<Candidate> {
  if (isAbsolute(name)) {
    const program = await registryProgram(name);
    if (program === null) {
      throw new Error(`PULLGATE_TEST_REGISTRIES names ${name}, which is not a registry.`);
    }
    return programCandidate(program);
  }
  const problem = await imageProblem(name);
  if (problem !== null) {
    throw new Error(`PULLGATE_TEST_REGISTRIES names ${name}, and ${problem}.`);
  }
  return await imageCandidate(name);
}
