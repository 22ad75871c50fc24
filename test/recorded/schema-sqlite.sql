-- Initial1700000000001
CREATE TABLE "deploy_tokens" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "project_id" integer NOT NULL, "name" varchar(255) NOT NULL, "username" varchar(255) NOT NULL, "secret_digest" blob NOT NULL, "scopes" varchar(255) NOT NULL, "expires_at" bigint, "created_at" bigint NOT NULL, "created_by" integer, "revoked_at" bigint, "revoked_by" integer, CONSTRAINT "UQ_43e6a5d8f0c883eb990665eee06" UNIQUE ("secret_digest"), CONSTRAINT "FK_a27c348bccb70aa3df3efd894cb" FOREIGN KEY ("project_id") REFERENCES "projects" ("id"), CONSTRAINT "FK_dae3b3c960030b08bd3b21ef7f6" FOREIGN KEY ("created_by") REFERENCES "users" ("id"), CONSTRAINT "FK_b14af25cfb31a64747afb751410" FOREIGN KEY ("revoked_by") REFERENCES "users" ("id"));
CREATE INDEX "deploy_tokens_by_project" ON "deploy_tokens" ("project_id") ;
CREATE TABLE "members" ("project_id" integer NOT NULL, "user_id" integer NOT NULL, "role" varchar(16) NOT NULL, CONSTRAINT "FK_6b404f0e6c44a892e2ff5598f24" FOREIGN KEY ("project_id") REFERENCES "projects" ("id"), CONSTRAINT "FK_da404b5fd9c390e25338996e2d1" FOREIGN KEY ("user_id") REFERENCES "users" ("id"), PRIMARY KEY ("project_id", "user_id"));
CREATE INDEX "members_by_user" ON "members" ("user_id") ;
CREATE TABLE "personal_access_tokens" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "user_id" integer NOT NULL, "name" varchar(255) NOT NULL, "secret_digest" blob NOT NULL, "scopes" varchar(255) NOT NULL, "expires_at" bigint, "created_at" bigint NOT NULL, "revoked_at" bigint, CONSTRAINT "UQ_8459b54e79645be3e28155a6752" UNIQUE ("secret_digest"), CONSTRAINT "FK_705e457b9b167e4779e737ca3ef" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));
CREATE INDEX "personal_access_tokens_by_user" ON "personal_access_tokens" ("user_id") ;
CREATE TABLE "projects" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "path" varchar(255) NOT NULL, "path_key" varchar(255), "visibility" varchar(16) NOT NULL, "archived_at" bigint, "removed_at" bigint, "created_at" bigint NOT NULL, CONSTRAINT "UQ_9d890591b7c2f53e87adcaea919" UNIQUE ("path_key"));
CREATE TABLE "reserved_paths" ("path_key" varchar(255) PRIMARY KEY NOT NULL, "project_id" integer NOT NULL, "reserved_at" bigint NOT NULL, CONSTRAINT "FK_a381e936611146b8ae9024277b1" FOREIGN KEY ("project_id") REFERENCES "projects" ("id"));
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "username" varchar(255) NOT NULL, "username_key" varchar(255) NOT NULL, "display_name" varchar(255) NOT NULL, "password_hash" varchar(255), "is_admin" boolean NOT NULL, "blocked_at" bigint, "created_at" bigint NOT NULL, CONSTRAINT "UQ_43f388ec81c5e6e796845dad903" UNIQUE ("username_key"));
CREATE TABLE "write_lock" ("id" integer PRIMARY KEY NOT NULL, "writes" bigint NOT NULL);

-- Web1700000000002
CREATE TABLE "sessions" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "user_id" integer NOT NULL, "secret_digest" blob NOT NULL, "created_at" bigint NOT NULL, "last_seen_at" bigint NOT NULL, "expires_at" bigint NOT NULL, "client" varchar(255) NOT NULL, "address" varchar(64) NOT NULL, CONSTRAINT "UQ_a604ef532d116a6d33e2c16e997" UNIQUE ("secret_digest"), CONSTRAINT "FK_085d540d9f418cfbdc7bd55bb19" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));
CREATE INDEX "sessions_by_user" ON "sessions" ("user_id") ;
CREATE TABLE "setup_links" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "secret_digest" blob NOT NULL, "expires_at" bigint NOT NULL, CONSTRAINT "UQ_d1aa3f0431615dc590e07218239" UNIQUE ("secret_digest"));
CREATE TABLE "used_forms" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "session_id" integer NOT NULL, "secret_digest" blob NOT NULL, CONSTRAINT "UQ_6e60e0ee8260f4d30bc973fe97a" UNIQUE ("secret_digest"), CONSTRAINT "FK_6c4aaecc404b92e55e2baa0be44" FOREIGN KEY ("session_id") REFERENCES "sessions" ("id"));
CREATE INDEX "used_forms_by_session" ON "used_forms" ("session_id") ;

-- BinaryText1700000000003

-- DeployTokenUses1700000000004
CREATE TABLE "deploy_token_uses" ("deploy_token_id" integer PRIMARY KEY NOT NULL, "used_at" bigint NOT NULL, "door" varchar(16) NOT NULL, "address" varchar(64) NOT NULL, "user_agent" varchar(255) NOT NULL, "repository" varchar(255), CONSTRAINT "FK_cbedc48ede0eebe084154020416" FOREIGN KEY ("deploy_token_id") REFERENCES "deploy_tokens" ("id"));

-- AuditEvents1700000000005
CREATE TABLE "audit_events" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "at" bigint NOT NULL, "action" varchar(64) NOT NULL, "actor_id" integer, "actor" varchar(255) NOT NULL, "project_id" integer, "project_path" varchar(255), "subject_id" integer, "subject" varchar(255) NOT NULL, "detail" varchar(255) NOT NULL, "door" varchar(16) NOT NULL, "address" varchar(64), "request_id" varchar(64));
CREATE INDEX "audit_events_by_project" ON "audit_events" ("project_id", "id") ;
CREATE INDEX "audit_events_by_time" ON "audit_events" ("at") ;

-- DeployTokensByState1700000000010
CREATE INDEX "deploy_tokens_by_state" ON "deploy_tokens" ("revoked_at", "expires_at") ;

-- SessionsByLastSeen1700000000011
CREATE INDEX "sessions_by_last_seen" ON "sessions" ("user_id", "last_seen_at") ;

-- DeployTokenDays1700000000012
CREATE TABLE "deploy_token_days" ("deploy_token_id" integer NOT NULL, "day" integer NOT NULL, "uses" bigint NOT NULL, CONSTRAINT "FK_d11e1f8143c382e518b63e4a6ac" FOREIGN KEY ("deploy_token_id") REFERENCES "deploy_tokens" ("id"), PRIMARY KEY ("deploy_token_id", "day"));
CREATE INDEX "deploy_token_days_by_day" ON "deploy_token_days" ("day") ;

-- AuditEventsByFilter1700000000013
CREATE INDEX "audit_events_by_action_at" ON "audit_events" ("action", "at") ;
CREATE INDEX "audit_events_by_actor_at" ON "audit_events" ("actor", "at") ;
CREATE INDEX "audit_events_by_project_at" ON "audit_events" ("project_id", "at") ;
CREATE INDEX "audit_events_by_subject_at" ON "audit_events" ("subject_id", "at") ;

-- Namespaces1700000000014
CREATE TABLE "deploy_token_secrets" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "deploy_token_id" integer NOT NULL, "secret_digest" blob NOT NULL, "created_at" bigint NOT NULL, "ends_at" bigint, CONSTRAINT "UQ_7470fde2420e98f9075224f976f" UNIQUE ("secret_digest"), CONSTRAINT "FK_80743b934072f3e4578959e803f" FOREIGN KEY ("deploy_token_id") REFERENCES "deploy_tokens" ("id"));
CREATE INDEX "deploy_token_secrets_by_token" ON "deploy_token_secrets" ("deploy_token_id") ;
CREATE TABLE "deploy_tokens" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "project_id" integer, "name" varchar(255) NOT NULL, "username" varchar(255) NOT NULL, "secret_digest" blob, "scopes" varchar(255) NOT NULL, "expires_at" bigint, "created_at" bigint NOT NULL, "created_by" integer, "revoked_at" bigint, "revoked_by" integer, "kind" varchar(16) NOT NULL, "namespace_id" integer, "namespace_path" varchar(255), "only" text, "suspended_at" bigint, CONSTRAINT "UQ_43e6a5d8f0c883eb990665eee06" UNIQUE ("secret_digest"), CONSTRAINT "FK_b14af25cfb31a64747afb751410" FOREIGN KEY ("revoked_by") REFERENCES "users" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION, CONSTRAINT "FK_dae3b3c960030b08bd3b21ef7f6" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION, CONSTRAINT "FK_a27c348bccb70aa3df3efd894cb" FOREIGN KEY ("project_id") REFERENCES "projects" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION, CONSTRAINT "FK_e71fa11d5dff56ae97bb9de3814" FOREIGN KEY ("namespace_id") REFERENCES "namespaces" ("id"));
CREATE INDEX "deploy_tokens_by_namespace" ON "deploy_tokens" ("namespace_id") ;
CREATE INDEX "deploy_tokens_by_username" ON "deploy_tokens" ("username") ;
CREATE TABLE "image_prefixes" ("prefix" varchar(255) PRIMARY KEY NOT NULL, "project_id" integer NOT NULL, CONSTRAINT "FK_e557107bc0ac183057dafb6f597" FOREIGN KEY ("project_id") REFERENCES "projects" ("id"));
CREATE INDEX "image_prefixes_by_project" ON "image_prefixes" ("project_id") ;
CREATE TABLE "namespace_members" ("namespace_id" integer NOT NULL, "user_id" integer NOT NULL, "role" varchar(16) NOT NULL, CONSTRAINT "FK_855b07a97dcb7923aad3cdc45c6" FOREIGN KEY ("namespace_id") REFERENCES "namespaces" ("id"), CONSTRAINT "FK_ac3ed3e0ca690d90274c03e4cb3" FOREIGN KEY ("user_id") REFERENCES "users" ("id"), PRIMARY KEY ("namespace_id", "user_id"));
CREATE INDEX "namespace_members_by_user" ON "namespace_members" ("user_id") ;
CREATE TABLE "namespaces" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "path" varchar(255) NOT NULL, "path_key" varchar(255) NOT NULL, "user_id" integer, "created_at" bigint NOT NULL, CONSTRAINT "UQ_ea5e25fb8400a31ca55e969cabb" UNIQUE ("path_key"), CONSTRAINT "FK_20cec55b000c2aa903fb8d5560c" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));

-- RegistryInventory1700000000015
CREATE TABLE "registry_repositories" ("name" varchar(255) PRIMARY KEY NOT NULL, "walk" integer NOT NULL, "found_at" bigint NOT NULL);
CREATE TABLE "registry_walks" ("id" integer PRIMARY KEY NOT NULL, "number" integer NOT NULL, "started_at" bigint, "next" varchar(1024), "seen" integer NOT NULL, "ended_at" bigint, "failure" varchar(255), "failed_at" bigint, "walker" varchar(64), "walker_until" bigint);

-- NamespaceDetails1700000000017
CREATE TABLE "namespaces" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "path" varchar(255) NOT NULL, "path_key" varchar(255) NOT NULL, "user_id" integer, "created_at" bigint NOT NULL, name varchar(255) NULL, description varchar(255) NULL, visibility varchar(16) NULL, CONSTRAINT "UQ_ea5e25fb8400a31ca55e969cabb" UNIQUE ("path_key"), CONSTRAINT "FK_20cec55b000c2aa903fb8d5560c" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));

-- AuditEventsByPlace1700000000019
CREATE TABLE "audit_events" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "at" bigint NOT NULL, "action" varchar(64) NOT NULL, "actor_id" integer, "actor" varchar(255) NOT NULL, "project_id" integer, "project_path" varchar(255), "subject_id" integer, "subject" varchar(255) NOT NULL, "detail" varchar(255) NOT NULL, "door" varchar(16) NOT NULL, "address" varchar(64), "request_id" varchar(64), "namespace_id" integer, "namespace_path" varchar(255), "place_key" varchar(255));
CREATE INDEX "audit_events_by_place_at" ON "audit_events" ("place_key", "at") ;

-- Invitations1700000000020
CREATE TABLE "invitations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "secret_digest" blob NOT NULL, "username" varchar(255), "username_key" varchar(255), "roles" text, "created_at" bigint NOT NULL, "created_by" integer, "expires_at" bigint NOT NULL, "used_at" bigint, "used_by" integer, "revoked_at" bigint, CONSTRAINT "UQ_263da2a0643796265e2d237ace1" UNIQUE ("secret_digest"), CONSTRAINT "FK_2afdbc73ee1fe16cf1f3929e920" FOREIGN KEY ("created_by") REFERENCES "users" ("id"), CONSTRAINT "FK_21ddd0816bb6ded722ef096f731" FOREIGN KEY ("used_by") REFERENCES "users" ("id"));

-- RemovedUsers1700000000021
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "username" varchar(255) NOT NULL, "username_key" varchar(255) NOT NULL, "display_name" varchar(255) NOT NULL, "password_hash" varchar(255), "is_admin" boolean NOT NULL, "blocked_at" bigint, "created_at" bigint NOT NULL, removed_at bigint NULL, CONSTRAINT "UQ_43f388ec81c5e6e796845dad903" UNIQUE ("username_key"));

-- ApiDetails1700000000022
CREATE TABLE "projects" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "path" varchar(255) NOT NULL, "path_key" varchar(255), "visibility" varchar(16) NOT NULL, "archived_at" bigint, "removed_at" bigint, "created_at" bigint NOT NULL, name varchar(255) NULL, description varchar(2000) NULL, settings text NULL, CONSTRAINT "UQ_9d890591b7c2f53e87adcaea919" UNIQUE ("path_key"));
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "username" varchar(255) NOT NULL, "username_key" varchar(255) NOT NULL, "display_name" varchar(255) NOT NULL, "password_hash" varchar(255), "is_admin" boolean NOT NULL, "blocked_at" bigint, "created_at" bigint NOT NULL, removed_at bigint NULL, email varchar(255) NULL, note varchar(2000) NULL, settings text NULL, CONSTRAINT "UQ_43f388ec81c5e6e796845dad903" UNIQUE ("username_key"));

-- ProjectsByVisibility1700000000023
CREATE INDEX "projects_by_visibility" ON "projects" ("visibility", "path_key") ;

-- ObservedClock1700000000025
CREATE TABLE "observed_clock" ("id" integer PRIMARY KEY NOT NULL, "steady_since" bigint, "seen_at" bigint);

-- DeployTokenUseFaults1700000000026
CREATE TABLE "deploy_token_uses" ("deploy_token_id" integer PRIMARY KEY NOT NULL, "used_at" bigint NOT NULL, "door" varchar(16) NOT NULL, "address" varchar(64) NOT NULL, "user_agent" varchar(255) NOT NULL, "repository" varchar(255), fault varchar(32) NULL, CONSTRAINT "FK_cbedc48ede0eebe084154020416" FOREIGN KEY ("deploy_token_id") REFERENCES "deploy_tokens" ("id"));

-- Instance1700000000027
CREATE TABLE "instance" ("id" integer PRIMARY KEY NOT NULL, "database_id" varchar(64) NOT NULL, "ca_fingerprint" varchar(128), "rewound_at" bigint, "rewound_from" bigint);
CREATE TABLE "undone_revocations" ("kind" varchar(16) NOT NULL, "token_id" integer NOT NULL, "name" varchar(255) NOT NULL, "revoked_at" bigint NOT NULL, PRIMARY KEY ("kind", "token_id"));

-- AccessTokenUses1700000000029
CREATE TABLE "personal_access_tokens" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "user_id" integer NOT NULL, "name" varchar(255) NOT NULL, "secret_digest" blob NOT NULL, "scopes" varchar(255) NOT NULL, "expires_at" bigint, "created_at" bigint NOT NULL, "revoked_at" bigint, last_used_at bigint NULL, CONSTRAINT "UQ_8459b54e79645be3e28155a6752" UNIQUE ("secret_digest"), CONSTRAINT "FK_705e457b9b167e4779e737ca3ef" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));

-- LfsStorage1700000000030
CREATE TABLE "lfs_storage" ("project_id" integer PRIMARY KEY NOT NULL, "stored_bytes" bigint NOT NULL, CONSTRAINT "FK_aa11afd8f7b37323e5cb53b46e3" FOREIGN KEY ("project_id") REFERENCES "projects" ("id"));
CREATE TABLE "lfs_uploads" ("id" varchar(36) PRIMARY KEY NOT NULL, "project_id" integer NOT NULL, "reserved_bytes" bigint NOT NULL, "started_at" bigint NOT NULL, CONSTRAINT "FK_2fc626f1764edfaa9cc841737d1" FOREIGN KEY ("project_id") REFERENCES "projects" ("id"));
CREATE INDEX "lfs_uploads_by_project" ON "lfs_uploads" ("project_id") ;

-- Denials1700000000031
CREATE TABLE "denials" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "list_kind" varchar(16) NOT NULL, "list_id" integer NOT NULL, "is_main" boolean NOT NULL, "merge_key" blob NOT NULL, "deploy_token_id" integer, "user_id" integer, "door" varchar(16) NOT NULL, "project_id" integer, "repository" varchar(255), "actions" varchar(255) NOT NULL, "reason" varchar(32) NOT NULL, "count" bigint NOT NULL, "first_at" bigint NOT NULL, "last_at" bigint NOT NULL, "address" varchar(64) NOT NULL, "user_agent" varchar(255) NOT NULL, "granted_elsewhere_at" bigint, CONSTRAINT "UQ_9b825c0bb70f1c5471adabef1a3" UNIQUE ("merge_key"));
CREATE INDEX "denials_by_list" ON "denials" ("list_kind", "list_id", "last_at") ;
CREATE INDEX "denials_by_main" ON "denials" ("is_main", "last_at") ;
CREATE INDEX "denials_by_time" ON "denials" ("last_at") ;
