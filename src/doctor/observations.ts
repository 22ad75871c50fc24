/** What was seen on the way from a client over the registry to Pullgate and back. */

/** What is configured here, as far as the registry and its clients have to do with it. */
export interface OwnSettings {
  readonly publicUrl: string;
  /** What the registry's `auth.token.realm` has to be. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** Of the signing keys. */
  readonly algorithm: string;
  readonly registryHost: string;
  /** How Pullgate reaches the registry. */
  readonly registryUrl: string;
  readonly tokenTtl: number;
  /** Of the certificate that the registry is to be given. */
  readonly caFile: string;
}

export interface Answer {
  readonly status: number;
  /** `WWW-Authenticate` */
  readonly challenge: string | null;
  /** `Location` */
  readonly location: string | null;
  /** By how many seconds the clock of whoever answered is ahead of ours; null where it did not tell. */
  readonly secondsAhead: number | null;
}

export interface NoAnswer {
  readonly failure: string;
  /** Its certificate is of nobody who is trusted here; clients may know better. */
  readonly isUntrusted?: boolean;
}

/** An answer, or why there was none. */
export type Reached = Answer | NoAnswer;

/** A JWT that is made as the registry may want it. */
export interface TokenVariant {
  readonly issuer: string;
  readonly service: string;
  /** By how much it is dated ahead, or back. */
  readonly secondsAhead: number;
}

export interface TriedToken extends TokenVariant {
  readonly isTaken: boolean;
}

/** What the service behind the realm says of a request that was made to find out. */
export type Seen =
  | { readonly authorization: 'absent' | 'unknown' }
  | {
      readonly authorization: 'own';
      /** Of its database. */
      readonly instance: string;
      /** `X-Forwarded-For`: who sent it is in `http.trusted_proxies`, or not. */
      readonly forwarded: 'absent' | 'believed' | 'ignored';
      /** Whoever sent the request. */
      readonly peer: string;
    };

/** `auth.token` of the registry's own file, and what it leads to. */
export interface RegistryFile {
  readonly name: string;
  /** Why nothing of it is known. */
  readonly failure: string | null;
  readonly issuer: string | null;
  readonly autoredirect: boolean;
  readonly bundle: {
    readonly path: string;
    /** Whether our CA is in it; null where the file cannot be read from here. */
    readonly hasOwnCa: boolean | null;
  } | null;
  readonly hasKeySet: boolean;
  /** Empty where nothing is said. */
  readonly algorithms: readonly string[];
}

export interface KeyState {
  readonly signingDaysLeft: number;
  readonly caDaysLeft: number;
  readonly hasCaKey: boolean;
  readonly caFingerprint: string;
  /** Whether it is the one that the registry was given, as far as the database knows. */
  readonly isKnownCa: boolean;
  readonly damaged: readonly string[];
}

export interface FileFault {
  readonly path: string;
  readonly fault: 'other-owner' | 'readable-by-others';
  /** Of the folder that it is in. */
  readonly owner: number;
}

export interface Observations {
  readonly own: OwnSettings;
  /** `GET /v2/` without a token, at `registryUrl`. */
  readonly registry: Reached;
  /** The same at `registry.host`, as clients ask; null where that is the same address. */
  readonly asClients: { readonly url: string; readonly reached: Reached } | null;
  /**
   * The realm, without credentials and without a scope. Null where its name is one of the clients' own machine,
   * which from here is another one.
   */
  readonly realm: { readonly url: string; readonly reached: Reached | null };
  /** Several, for there may be several processes behind the realm; null for one that no Pullgate answers. */
  readonly seen: readonly (Seen | null)[];
  /** In order, up to the first that was taken; none where the registry asks for none. */
  readonly tried: readonly TriedToken[];
  readonly realmWarnings: readonly string[];
  /** Null where no file was named. */
  readonly file: RegistryFile | null;
  /** Why there are none, as a sentence. */
  readonly keys: KeyState | { readonly failure: string };
  readonly files: readonly FileFault[];
  /** What is wrong, as a sentence. */
  readonly database: string | null;
  /** Of the database that is configured here; null where it could not be read. */
  readonly instance: string | null;
  readonly git: string | null;
}
