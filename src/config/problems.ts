/** What a wrong configuration is told: every problem at once, under the name that its author used. */

import type { z } from 'zod';
import { OperatorError } from '../failure.js';
import { snakeCase } from './names.js';

export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
}

/** A line for each issue; `variables` holds the names of those that came from the environment. */
export function problemReport(
  issues: readonly z.core.$ZodIssue[],
  variables: ReadonlyMap<string, string>,
): string {
  const lines = issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [null];
    return keys.map((key) => {
      const path = [...issue.path, ...(key === null ? [] : [key])];
      const name = path.map((part) => snakeCase(String(part))).join('.');
      const text =
        key === null ? problemText(issue) : 'is not a setting; see docs/configuration.md';
      return `  ${variables.get(name) ?? name}: ${text}`;
    });
  });
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  return `The configuration has ${count}:\n${lines.join('\n')}`;
}

/** The settings' own sentences; what zod says itself is of its own terms and becomes one. */
function problemText({ code, message, ...issue }: z.core.$ZodIssue): string {
  if (code === 'invalid_type') {
    return 'expected' in issue && issue.expected === 'object'
      ? 'is a section: its settings go under it, indented'
      : 'must be text: put it in quotes';
  }
  if (code === 'invalid_value' && 'values' in issue) {
    return `must be one of ${issue.values.map(String).join(', ')}`;
  }
  if (code === 'invalid_union' && message === 'Invalid input') {
    return 'must be text or a list of texts';
  }
  return code === 'too_small' ? 'must not be empty' : message;
}
