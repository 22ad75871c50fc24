/**
 * Settings of GitLab's that mean nothing here. They are kept as they were sent and given back, with a
 * default that says as little as GitLab's: a client that compares them then finds nothing to change.
 */

import { z } from 'zod';
import type { KeptSettings, KeptSetting } from '../access/details.js';
import { charactersIn } from '../services/problems.js';
import { blankToo, flag, integer, shorterThan, textList } from './parameters.js';

const MAX_WORD = 255;

type Kept = readonly [parameter: z.ZodType<KeptSetting>, answer: z.ZodType, preset: KeptSetting];

const word = shorterThan(MAX_WORD).refine((value) => charactersIn(value) <= MAX_WORD, {
  error: 'is too long',
});

function off(...names: readonly string[]): [string, Kept][] {
  return names.map((name) => [name, [flag, z.boolean(), false]]);
}

function on(...names: readonly string[]): [string, Kept][] {
  return names.map((name) => [name, [flag, z.boolean(), true]]);
}

function wordsWith(preset: string, ...names: readonly string[]): [string, Kept][] {
  return names.map((name) => [name, [word, z.string(), preset]]);
}

function number(name: string, preset: number): [string, Kept] {
  return [name, [integer, z.int(), preset]];
}

function list(name: string): [string, Kept] {
  return [name, [textList, z.array(z.string()), []]];
}

const OF_PROJECTS = new Map<string, Kept>([
  ...off(
    'issues_enabled',
    'merge_requests_enabled',
    'wiki_enabled',
    'jobs_enabled',
    'snippets_enabled',
    'packages_enabled',
    'service_desk_enabled',
    'auto_devops_enabled',
    'shared_runners_enabled',
    'group_runners_enabled',
    'request_access_enabled',
    'public_jobs',
    'only_allow_merge_if_pipeline_succeeds',
    'only_allow_merge_if_all_discussions_are_resolved',
    'allow_merge_on_skipped_pipeline',
    'remove_source_branch_after_merge',
    'printing_merge_request_link_enabled',
    'autoclose_referenced_issues',
    'resolve_outdated_diff_discussions',
    'merge_pipelines_enabled',
    'merge_trains_enabled',
    'emails_disabled',
    'emails_enabled',
    'ci_forward_deployment_enabled',
    'ci_separated_caches',
    'keep_latest_artifact',
    'restrict_user_defined_variables',
    'pre_receive_secret_detection_enabled',
    'mirror',
  ),
  ...on('container_registry_enabled', 'lfs_enabled'),
  ...wordsWith('enabled', 'container_registry_access_level', 'repository_access_level'),
  ...wordsWith(
    'disabled',
    'issues_access_level',
    'merge_requests_access_level',
    'wiki_access_level',
    'builds_access_level',
    'snippets_access_level',
    'pages_access_level',
    'forking_access_level',
    'analytics_access_level',
    'operations_access_level',
    'releases_access_level',
    'requirements_access_level',
    'environments_access_level',
    'feature_flags_access_level',
    'infrastructure_access_level',
    'monitor_access_level',
    'model_registry_access_level',
    'model_experiments_access_level',
    'security_and_compliance_access_level',
  ),
  ...wordsWith('merge', 'merge_method'),
  ...wordsWith('default_off', 'squash_option'),
  ...wordsWith('fetch', 'build_git_strategy'),
  ...wordsWith('disabled', 'auto_cancel_pending_pipelines'),
  ...wordsWith('continuous', 'auto_devops_deploy_strategy'),
  ...wordsWith(
    '',
    'ci_config_path',
    'suggestion_commit_message',
    'merge_commit_template',
    'squash_commit_template',
    'issues_template',
    'merge_requests_template',
    'external_authorization_classification_label',
  ),
  number('build_timeout', 3600),
  number('ci_default_git_depth', 20),
  number('approvals_before_merge', 0),
  list('topics'),
  list('tag_list'),
]);

const OF_USERS = new Map<string, Kept>([
  ...off('external', 'can_create_group', 'private_profile'),
  number('projects_limit', 0),
]);

export const projectSettings = settingsFrom(OF_PROJECTS);
export const userSettings = settingsFrom(OF_USERS);

interface Settings {
  readonly parameters: Readonly<Record<string, z.ZodOptional<z.ZodType<KeptSetting>>>>;
  readonly answers: z.ZodRawShape;
  /** Those that were sent. */
  readonly given: (parameters: Readonly<Record<string, unknown>>) => KeptSettings;
  /** All of them, those that were never sent with their default. */
  readonly shown: (kept: KeptSettings) => KeptSettings;
}

function settingsFrom(known: ReadonlyMap<string, Kept>): Settings {
  const presets = [...known].map(([name, [, , preset]]) => [name, preset] as const);
  return {
    parameters: Object.fromEntries(
      [...known].map(([name, [type]]) => [name, blankToo(type.optional())]),
    ),
    answers: Object.fromEntries([...known].map(([name, [, answer]]) => [name, answer])),
    given(parameters) {
      return Object.fromEntries(
        [...known].flatMap(([name, [type]]) => {
          const value = parameters[name];
          return value === undefined ? [] : [[name, type.parse(value)]];
        }),
      );
    },
    shown: (kept) => ({ ...Object.fromEntries(presets), ...kept }),
  };
}
