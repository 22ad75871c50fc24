-- Initial1700000000001
CREATE TABLE `deploy_tokens` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `project_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `username` varchar(255) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `scopes` varchar(255) NOT NULL,
  `expires_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `created_by` int(11) DEFAULT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  `revoked_by` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43e6a5d8f0c883eb990665eee06` (`secret_digest`),
  KEY `deploy_tokens_by_project` (`project_id`),
  KEY `FK_dae3b3c960030b08bd3b21ef7f6` (`created_by`),
  KEY `FK_b14af25cfb31a64747afb751410` (`revoked_by`),
  CONSTRAINT `FK_a27c348bccb70aa3df3efd894cb` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`),
  CONSTRAINT `FK_b14af25cfb31a64747afb751410` FOREIGN KEY (`revoked_by`) REFERENCES `users` (`id`),
  CONSTRAINT `FK_dae3b3c960030b08bd3b21ef7f6` FOREIGN KEY (`created_by`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `members` (
  `project_id` int(11) NOT NULL,
  `user_id` int(11) NOT NULL,
  `role` varchar(16) NOT NULL,
  PRIMARY KEY (`project_id`,`user_id`),
  KEY `members_by_user` (`user_id`),
  CONSTRAINT `FK_6b404f0e6c44a892e2ff5598f24` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`),
  CONSTRAINT `FK_da404b5fd9c390e25338996e2d1` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `personal_access_tokens` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `user_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `scopes` varchar(255) NOT NULL,
  `expires_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_8459b54e79645be3e28155a6752` (`secret_digest`),
  KEY `personal_access_tokens_by_user` (`user_id`),
  CONSTRAINT `FK_705e457b9b167e4779e737ca3ef` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `projects` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `path_key` varchar(255) DEFAULT NULL,
  `visibility` varchar(16) NOT NULL,
  `archived_at` bigint(20) DEFAULT NULL,
  `removed_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_9d890591b7c2f53e87adcaea919` (`path_key`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `reserved_paths` (
  `path_key` varchar(255) NOT NULL,
  `project_id` int(11) NOT NULL,
  `reserved_at` bigint(20) NOT NULL,
  PRIMARY KEY (`path_key`),
  KEY `FK_a381e936611146b8ae9024277b1` (`project_id`),
  CONSTRAINT `FK_a381e936611146b8ae9024277b1` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `username` varchar(255) NOT NULL,
  `username_key` varchar(255) NOT NULL,
  `display_name` varchar(255) NOT NULL,
  `password_hash` varchar(255) DEFAULT NULL,
  `is_admin` tinyint(1) NOT NULL,
  `blocked_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43f388ec81c5e6e796845dad903` (`username_key`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `write_lock` (
  `id` int(11) NOT NULL,
  `writes` bigint(20) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

-- Web1700000000002
CREATE TABLE `sessions` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `user_id` int(11) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `last_seen_at` bigint(20) NOT NULL,
  `expires_at` bigint(20) NOT NULL,
  `client` varchar(255) NOT NULL,
  `address` varchar(64) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_a604ef532d116a6d33e2c16e997` (`secret_digest`),
  KEY `sessions_by_user` (`user_id`),
  CONSTRAINT `FK_085d540d9f418cfbdc7bd55bb19` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `setup_links` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `secret_digest` binary(32) NOT NULL,
  `expires_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_d1aa3f0431615dc590e07218239` (`secret_digest`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `used_forms` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `session_id` int(11) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_6e60e0ee8260f4d30bc973fe97a` (`secret_digest`),
  KEY `used_forms_by_session` (`session_id`),
  CONSTRAINT `FK_6c4aaecc404b92e55e2baa0be44` FOREIGN KEY (`session_id`) REFERENCES `sessions` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

-- BinaryText1700000000003
CREATE TABLE `deploy_tokens` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `project_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `username` varchar(255) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `scopes` varchar(255) NOT NULL,
  `expires_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `created_by` int(11) DEFAULT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  `revoked_by` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43e6a5d8f0c883eb990665eee06` (`secret_digest`),
  KEY `deploy_tokens_by_project` (`project_id`),
  KEY `FK_dae3b3c960030b08bd3b21ef7f6` (`created_by`),
  KEY `FK_b14af25cfb31a64747afb751410` (`revoked_by`),
  CONSTRAINT `FK_a27c348bccb70aa3df3efd894cb` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`),
  CONSTRAINT `FK_b14af25cfb31a64747afb751410` FOREIGN KEY (`revoked_by`) REFERENCES `users` (`id`),
  CONSTRAINT `FK_dae3b3c960030b08bd3b21ef7f6` FOREIGN KEY (`created_by`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `members` (
  `project_id` int(11) NOT NULL,
  `user_id` int(11) NOT NULL,
  `role` varchar(16) NOT NULL,
  PRIMARY KEY (`project_id`,`user_id`),
  KEY `members_by_user` (`user_id`),
  CONSTRAINT `FK_6b404f0e6c44a892e2ff5598f24` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`),
  CONSTRAINT `FK_da404b5fd9c390e25338996e2d1` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `personal_access_tokens` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `user_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `scopes` varchar(255) NOT NULL,
  `expires_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_8459b54e79645be3e28155a6752` (`secret_digest`),
  KEY `personal_access_tokens_by_user` (`user_id`),
  CONSTRAINT `FK_705e457b9b167e4779e737ca3ef` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `projects` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `path_key` varchar(255) DEFAULT NULL,
  `visibility` varchar(16) NOT NULL,
  `archived_at` bigint(20) DEFAULT NULL,
  `removed_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_9d890591b7c2f53e87adcaea919` (`path_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `reserved_paths` (
  `path_key` varchar(255) NOT NULL,
  `project_id` int(11) NOT NULL,
  `reserved_at` bigint(20) NOT NULL,
  PRIMARY KEY (`path_key`),
  KEY `FK_a381e936611146b8ae9024277b1` (`project_id`),
  CONSTRAINT `FK_a381e936611146b8ae9024277b1` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `sessions` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `user_id` int(11) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `last_seen_at` bigint(20) NOT NULL,
  `expires_at` bigint(20) NOT NULL,
  `client` varchar(255) NOT NULL,
  `address` varchar(64) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_a604ef532d116a6d33e2c16e997` (`secret_digest`),
  KEY `sessions_by_user` (`user_id`),
  CONSTRAINT `FK_085d540d9f418cfbdc7bd55bb19` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `setup_links` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `secret_digest` binary(32) NOT NULL,
  `expires_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_d1aa3f0431615dc590e07218239` (`secret_digest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `used_forms` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `session_id` int(11) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_6e60e0ee8260f4d30bc973fe97a` (`secret_digest`),
  KEY `used_forms_by_session` (`session_id`),
  CONSTRAINT `FK_6c4aaecc404b92e55e2baa0be44` FOREIGN KEY (`session_id`) REFERENCES `sessions` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `username` varchar(255) NOT NULL,
  `username_key` varchar(255) NOT NULL,
  `display_name` varchar(255) NOT NULL,
  `password_hash` varchar(255) DEFAULT NULL,
  `is_admin` tinyint(1) NOT NULL,
  `blocked_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43f388ec81c5e6e796845dad903` (`username_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `write_lock` (
  `id` int(11) NOT NULL,
  `writes` bigint(20) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- DeployTokenUses1700000000004
CREATE TABLE `deploy_token_uses` (
  `deploy_token_id` int(11) NOT NULL,
  `used_at` bigint(20) NOT NULL,
  `door` varchar(16) NOT NULL,
  `address` varchar(64) NOT NULL,
  `user_agent` varchar(255) NOT NULL,
  `repository` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`deploy_token_id`),
  CONSTRAINT `FK_cbedc48ede0eebe084154020416` FOREIGN KEY (`deploy_token_id`) REFERENCES `deploy_tokens` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- AuditEvents1700000000005
CREATE TABLE `audit_events` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `at` bigint(20) NOT NULL,
  `action` varchar(64) NOT NULL,
  `actor_id` int(11) DEFAULT NULL,
  `actor` varchar(255) NOT NULL,
  `project_id` int(11) DEFAULT NULL,
  `project_path` varchar(255) DEFAULT NULL,
  `subject_id` int(11) DEFAULT NULL,
  `subject` varchar(255) NOT NULL,
  `detail` varchar(255) NOT NULL,
  `door` varchar(16) NOT NULL,
  `address` varchar(64) DEFAULT NULL,
  `request_id` varchar(64) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `audit_events_by_project` (`project_id`,`id`),
  KEY `audit_events_by_time` (`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- DeployTokensByState1700000000010
CREATE TABLE `deploy_tokens` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `project_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `username` varchar(255) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `scopes` varchar(255) NOT NULL,
  `expires_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `created_by` int(11) DEFAULT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  `revoked_by` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43e6a5d8f0c883eb990665eee06` (`secret_digest`),
  KEY `deploy_tokens_by_project` (`project_id`),
  KEY `FK_dae3b3c960030b08bd3b21ef7f6` (`created_by`),
  KEY `FK_b14af25cfb31a64747afb751410` (`revoked_by`),
  KEY `deploy_tokens_by_state` (`revoked_at`,`expires_at`),
  CONSTRAINT `FK_a27c348bccb70aa3df3efd894cb` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`),
  CONSTRAINT `FK_b14af25cfb31a64747afb751410` FOREIGN KEY (`revoked_by`) REFERENCES `users` (`id`),
  CONSTRAINT `FK_dae3b3c960030b08bd3b21ef7f6` FOREIGN KEY (`created_by`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- SessionsByLastSeen1700000000011
CREATE TABLE `sessions` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `user_id` int(11) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `last_seen_at` bigint(20) NOT NULL,
  `expires_at` bigint(20) NOT NULL,
  `client` varchar(255) NOT NULL,
  `address` varchar(64) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_a604ef532d116a6d33e2c16e997` (`secret_digest`),
  KEY `sessions_by_last_seen` (`user_id`,`last_seen_at`),
  CONSTRAINT `FK_085d540d9f418cfbdc7bd55bb19` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- DeployTokenDays1700000000012
CREATE TABLE `deploy_token_days` (
  `deploy_token_id` int(11) NOT NULL,
  `day` int(11) NOT NULL,
  `uses` bigint(20) NOT NULL,
  PRIMARY KEY (`deploy_token_id`,`day`),
  KEY `deploy_token_days_by_day` (`day`),
  CONSTRAINT `FK_d11e1f8143c382e518b63e4a6ac` FOREIGN KEY (`deploy_token_id`) REFERENCES `deploy_tokens` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- AuditEventsByFilter1700000000013
CREATE TABLE `audit_events` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `at` bigint(20) NOT NULL,
  `action` varchar(64) NOT NULL,
  `actor_id` int(11) DEFAULT NULL,
  `actor` varchar(255) NOT NULL,
  `project_id` int(11) DEFAULT NULL,
  `project_path` varchar(255) DEFAULT NULL,
  `subject_id` int(11) DEFAULT NULL,
  `subject` varchar(255) NOT NULL,
  `detail` varchar(255) NOT NULL,
  `door` varchar(16) NOT NULL,
  `address` varchar(64) DEFAULT NULL,
  `request_id` varchar(64) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `audit_events_by_time` (`at`),
  KEY `audit_events_by_project_at` (`project_id`,`at`),
  KEY `audit_events_by_actor_at` (`actor`,`at`),
  KEY `audit_events_by_action_at` (`action`,`at`),
  KEY `audit_events_by_subject_at` (`subject_id`,`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- Namespaces1700000000014
CREATE TABLE `deploy_tokens` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `project_id` int(11) DEFAULT NULL,
  `name` varchar(255) NOT NULL,
  `username` varchar(255) NOT NULL,
  `secret_digest` binary(32) DEFAULT NULL,
  `scopes` varchar(255) NOT NULL,
  `expires_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `created_by` int(11) DEFAULT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  `revoked_by` int(11) DEFAULT NULL,
  `kind` varchar(16) NOT NULL,
  `namespace_id` int(11) DEFAULT NULL,
  `namespace_path` varchar(255) DEFAULT NULL,
  `only` text DEFAULT NULL,
  `suspended_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43e6a5d8f0c883eb990665eee06` (`secret_digest`),
  KEY `deploy_tokens_by_project` (`project_id`),
  KEY `FK_dae3b3c960030b08bd3b21ef7f6` (`created_by`),
  KEY `FK_b14af25cfb31a64747afb751410` (`revoked_by`),
  KEY `deploy_tokens_by_state` (`revoked_at`,`expires_at`),
  KEY `deploy_tokens_by_namespace` (`namespace_id`),
  KEY `deploy_tokens_by_username` (`username`),
  CONSTRAINT `FK_a27c348bccb70aa3df3efd894cb` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`),
  CONSTRAINT `FK_b14af25cfb31a64747afb751410` FOREIGN KEY (`revoked_by`) REFERENCES `users` (`id`),
  CONSTRAINT `FK_dae3b3c960030b08bd3b21ef7f6` FOREIGN KEY (`created_by`) REFERENCES `users` (`id`),
  CONSTRAINT `FK_e71fa11d5dff56ae97bb9de3814` FOREIGN KEY (`namespace_id`) REFERENCES `namespaces` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `deploy_token_secrets` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `deploy_token_id` int(11) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `ends_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_7470fde2420e98f9075224f976f` (`secret_digest`),
  KEY `deploy_token_secrets_by_token` (`deploy_token_id`),
  CONSTRAINT `FK_80743b934072f3e4578959e803f` FOREIGN KEY (`deploy_token_id`) REFERENCES `deploy_tokens` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `image_prefixes` (
  `prefix` varchar(255) NOT NULL,
  `project_id` int(11) NOT NULL,
  PRIMARY KEY (`prefix`),
  KEY `image_prefixes_by_project` (`project_id`),
  CONSTRAINT `FK_e557107bc0ac183057dafb6f597` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `namespaces` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `path_key` varchar(255) NOT NULL,
  `user_id` int(11) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_ea5e25fb8400a31ca55e969cabb` (`path_key`),
  KEY `FK_20cec55b000c2aa903fb8d5560c` (`user_id`),
  CONSTRAINT `FK_20cec55b000c2aa903fb8d5560c` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `namespace_members` (
  `namespace_id` int(11) NOT NULL,
  `user_id` int(11) NOT NULL,
  `role` varchar(16) NOT NULL,
  PRIMARY KEY (`namespace_id`,`user_id`),
  KEY `namespace_members_by_user` (`user_id`),
  CONSTRAINT `FK_855b07a97dcb7923aad3cdc45c6` FOREIGN KEY (`namespace_id`) REFERENCES `namespaces` (`id`),
  CONSTRAINT `FK_ac3ed3e0ca690d90274c03e4cb3` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- RegistryInventory1700000000015
CREATE TABLE `registry_repositories` (
  `name` varchar(255) NOT NULL,
  `walk` int(11) NOT NULL,
  `found_at` bigint(20) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `registry_walks` (
  `id` int(11) NOT NULL,
  `number` int(11) NOT NULL,
  `started_at` bigint(20) DEFAULT NULL,
  `next` varchar(1024) DEFAULT NULL,
  `seen` int(11) NOT NULL,
  `ended_at` bigint(20) DEFAULT NULL,
  `failure` varchar(255) DEFAULT NULL,
  `failed_at` bigint(20) DEFAULT NULL,
  `walker` varchar(64) DEFAULT NULL,
  `walker_until` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- NamespaceDetails1700000000017
CREATE TABLE `namespaces` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `path_key` varchar(255) NOT NULL,
  `user_id` int(11) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `name` varchar(255) DEFAULT NULL,
  `description` varchar(255) DEFAULT NULL,
  `visibility` varchar(16) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_ea5e25fb8400a31ca55e969cabb` (`path_key`),
  KEY `FK_20cec55b000c2aa903fb8d5560c` (`user_id`),
  CONSTRAINT `FK_20cec55b000c2aa903fb8d5560c` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- AuditEventsByPlace1700000000019
CREATE TABLE `audit_events` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `at` bigint(20) NOT NULL,
  `action` varchar(64) NOT NULL,
  `actor_id` int(11) DEFAULT NULL,
  `actor` varchar(255) NOT NULL,
  `project_id` int(11) DEFAULT NULL,
  `project_path` varchar(255) DEFAULT NULL,
  `subject_id` int(11) DEFAULT NULL,
  `subject` varchar(255) NOT NULL,
  `detail` varchar(255) NOT NULL,
  `door` varchar(16) NOT NULL,
  `address` varchar(64) DEFAULT NULL,
  `request_id` varchar(64) DEFAULT NULL,
  `namespace_id` int(11) DEFAULT NULL,
  `namespace_path` varchar(255) DEFAULT NULL,
  `place_key` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `audit_events_by_time` (`at`),
  KEY `audit_events_by_project_at` (`project_id`,`at`),
  KEY `audit_events_by_actor_at` (`actor`,`at`),
  KEY `audit_events_by_action_at` (`action`,`at`),
  KEY `audit_events_by_subject_at` (`subject_id`,`at`),
  KEY `audit_events_by_place_at` (`place_key`,`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- Invitations1700000000020
CREATE TABLE `invitations` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `secret_digest` binary(32) NOT NULL,
  `username` varchar(255) DEFAULT NULL,
  `username_key` varchar(255) DEFAULT NULL,
  `roles` text DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `created_by` int(11) DEFAULT NULL,
  `expires_at` bigint(20) NOT NULL,
  `used_at` bigint(20) DEFAULT NULL,
  `used_by` int(11) DEFAULT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_263da2a0643796265e2d237ace1` (`secret_digest`),
  KEY `FK_2afdbc73ee1fe16cf1f3929e920` (`created_by`),
  KEY `FK_21ddd0816bb6ded722ef096f731` (`used_by`),
  CONSTRAINT `FK_21ddd0816bb6ded722ef096f731` FOREIGN KEY (`used_by`) REFERENCES `users` (`id`),
  CONSTRAINT `FK_2afdbc73ee1fe16cf1f3929e920` FOREIGN KEY (`created_by`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- RemovedUsers1700000000021
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `username` varchar(255) NOT NULL,
  `username_key` varchar(255) NOT NULL,
  `display_name` varchar(255) NOT NULL,
  `password_hash` varchar(255) DEFAULT NULL,
  `is_admin` tinyint(1) NOT NULL,
  `blocked_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `removed_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43f388ec81c5e6e796845dad903` (`username_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- ApiDetails1700000000022
CREATE TABLE `projects` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `path_key` varchar(255) DEFAULT NULL,
  `visibility` varchar(16) NOT NULL,
  `archived_at` bigint(20) DEFAULT NULL,
  `removed_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `name` varchar(255) DEFAULT NULL,
  `description` varchar(2000) DEFAULT NULL,
  `settings` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_9d890591b7c2f53e87adcaea919` (`path_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `username` varchar(255) NOT NULL,
  `username_key` varchar(255) NOT NULL,
  `display_name` varchar(255) NOT NULL,
  `password_hash` varchar(255) DEFAULT NULL,
  `is_admin` tinyint(1) NOT NULL,
  `blocked_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `removed_at` bigint(20) DEFAULT NULL,
  `email` varchar(255) DEFAULT NULL,
  `note` varchar(2000) DEFAULT NULL,
  `settings` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_43f388ec81c5e6e796845dad903` (`username_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- ProjectsByVisibility1700000000023
CREATE TABLE `projects` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `path_key` varchar(255) DEFAULT NULL,
  `visibility` varchar(16) NOT NULL,
  `archived_at` bigint(20) DEFAULT NULL,
  `removed_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `name` varchar(255) DEFAULT NULL,
  `description` varchar(2000) DEFAULT NULL,
  `settings` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_9d890591b7c2f53e87adcaea919` (`path_key`),
  KEY `projects_by_visibility` (`visibility`,`path_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- ObservedClock1700000000025
CREATE TABLE `observed_clock` (
  `id` int(11) NOT NULL,
  `steady_since` bigint(20) DEFAULT NULL,
  `seen_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- DeployTokenUseFaults1700000000026
CREATE TABLE `deploy_token_uses` (
  `deploy_token_id` int(11) NOT NULL,
  `used_at` bigint(20) NOT NULL,
  `door` varchar(16) NOT NULL,
  `address` varchar(64) NOT NULL,
  `user_agent` varchar(255) NOT NULL,
  `repository` varchar(255) DEFAULT NULL,
  `fault` varchar(32) DEFAULT NULL,
  PRIMARY KEY (`deploy_token_id`),
  CONSTRAINT `FK_cbedc48ede0eebe084154020416` FOREIGN KEY (`deploy_token_id`) REFERENCES `deploy_tokens` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- Instance1700000000027
CREATE TABLE `instance` (
  `id` int(11) NOT NULL,
  `database_id` varchar(64) NOT NULL,
  `ca_fingerprint` varchar(128) DEFAULT NULL,
  `rewound_at` bigint(20) DEFAULT NULL,
  `rewound_from` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `undone_revocations` (
  `kind` varchar(16) NOT NULL,
  `token_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `revoked_at` bigint(20) NOT NULL,
  PRIMARY KEY (`kind`,`token_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- AccessTokenUses1700000000029
CREATE TABLE `personal_access_tokens` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `user_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `secret_digest` binary(32) NOT NULL,
  `scopes` varchar(255) NOT NULL,
  `expires_at` bigint(20) DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  `last_used_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_8459b54e79645be3e28155a6752` (`secret_digest`),
  KEY `personal_access_tokens_by_user` (`user_id`),
  CONSTRAINT `FK_705e457b9b167e4779e737ca3ef` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- LfsStorage1700000000030
CREATE TABLE `lfs_storage` (
  `project_id` int(11) NOT NULL,
  `stored_bytes` bigint(20) NOT NULL,
  PRIMARY KEY (`project_id`),
  CONSTRAINT `FK_aa11afd8f7b37323e5cb53b46e3` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `lfs_uploads` (
  `id` varchar(36) NOT NULL,
  `project_id` int(11) NOT NULL,
  `reserved_bytes` bigint(20) NOT NULL,
  `started_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `lfs_uploads_by_project` (`project_id`),
  CONSTRAINT `FK_2fc626f1764edfaa9cc841737d1` FOREIGN KEY (`project_id`) REFERENCES `projects` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- Denials1700000000031
CREATE TABLE `denials` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `list_kind` varchar(16) NOT NULL,
  `list_id` int(11) NOT NULL,
  `is_main` tinyint(1) NOT NULL,
  `merge_key` binary(32) NOT NULL,
  `deploy_token_id` int(11) DEFAULT NULL,
  `user_id` int(11) DEFAULT NULL,
  `door` varchar(16) NOT NULL,
  `project_id` int(11) DEFAULT NULL,
  `repository` varchar(255) DEFAULT NULL,
  `actions` varchar(255) NOT NULL,
  `reason` varchar(32) NOT NULL,
  `count` bigint(20) NOT NULL,
  `first_at` bigint(20) NOT NULL,
  `last_at` bigint(20) NOT NULL,
  `address` varchar(64) NOT NULL,
  `user_agent` varchar(255) NOT NULL,
  `granted_elsewhere_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `UQ_9b825c0bb70f1c5471adabef1a3` (`merge_key`),
  KEY `denials_by_list` (`list_kind`,`list_id`,`last_at`),
  KEY `denials_by_main` (`is_main`,`last_at`),
  KEY `denials_by_time` (`last_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
