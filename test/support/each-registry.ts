import type { Suite } from 'mocha';
import { availableRegistries, type AvailableRegistry } from './available-registries.js';

// Asked while mocha collects the tests, since each registry has tests of its own.
const registries = await availableRegistries();

/** `describe`, once for each registry that can be had here. */
export function describeWithEachRegistry(
  title: string,
  suite: (this: Suite, registry: AvailableRegistry) => void,
): void {
  for (const registry of registries) {
    describe(`${title}, registry ${registry.version}`, function () {
      suite.call(this, registry);
    });
  }
}
