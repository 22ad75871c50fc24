/** In what the versions of the stock registry differ, as far as these tests see it. */
export interface RegistryFacts {
  /** Of an answer to a JWT that is good but for a list as its `aud`; 404 is let in, to no image. */
  readonly statusForAudienceList: 401 | 404;
}

const VERSION_2: RegistryFacts = { statusForAudienceList: 401 };
const VERSION_3: RegistryFacts = { statusForAudienceList: 404 };

/** Of a version not known yet, those of the newest that is. */
export function factsOf(version: string): RegistryFacts {
  return version.startsWith('2.') ? VERSION_2 : VERSION_3;
}
