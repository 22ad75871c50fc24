/** What people and clients of GitLab's API say of a project or an account. It decides nothing. */

/** GitLab's settings that mean nothing here: kept as they were sent, so that their clients settle. */
export type KeptSettings = Readonly<Record<string, KeptSetting>>;
export type KeptSetting = string | number | boolean | readonly string[];

export interface ProjectDetails {
  /** The last component of its path, until somebody gives it another name. */
  readonly name: string;
  readonly description: string;
  readonly settings: KeptSettings;
}

export interface UserDetails {
  /** Nothing is ever sent there. Empty where none was given. */
  readonly email: string;
  /** For administrators. */
  readonly note: string;
  readonly settings: KeptSettings;
}
