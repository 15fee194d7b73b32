-- CreateEnum
CREATE TYPE "user_role" AS ENUM ('user', 'admin', 'super_admin');

-- CreateEnum
CREATE TYPE "account_token_purpose" AS ENUM ('verify_email', 'reset_password');

-- CreateEnum
CREATE TYPE "project_role" AS ENUM ('viewer', 'editor', 'owner');

-- CreateEnum
CREATE TYPE "task_status" AS ENUM ('todo', 'doing', 'done');

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "full_name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" "user_role" NOT NULL DEFAULT 'user',
    "preferred_provider" TEXT,
    "email_verified_at" TIMESTAMPTZ(3),
    "suspended_at" TIMESTAMPTZ(3),
    "password_changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "rotated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "authenticated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "user_agent" TEXT,
    "ip" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "key_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_tokens" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "purpose" "account_token_purpose" NOT NULL,
    "email" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" UUID NOT NULL,
    "actor_id" UUID,
    "actor_via" TEXT NOT NULL,
    "surface" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target_type" TEXT,
    "target_id" TEXT,
    "changes" JSONB,
    "trace_id" TEXT NOT NULL,
    "ip" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_streams" (
    "name" TEXT NOT NULL,
    "last_id" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "event_streams_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "events" (
    "stream" TEXT NOT NULL,
    "id" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "events_pkey" PRIMARY KEY ("stream","id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "owner" TEXT NOT NULL,
    "procedure" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "input_hash" TEXT NOT NULL,
    "sealed_answer" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("owner","procedure","key")
);

-- CreateTable
CREATE TABLE "mail_messages" (
    "id" UUID NOT NULL,
    "recipient" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mail_messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "projects" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "description" TEXT,
    "created_by_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "projects_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "project_members" (
    "project_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "project_role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "project_members_pkey" PRIMARY KEY ("project_id","user_id")
);

-- CreateTable
CREATE TABLE "tasks" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "status" "task_status" NOT NULL DEFAULT 'todo',
    "priority" SMALLINT NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),
    "assignee_id" UUID,
    "created_by_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "tasks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "users_created_at_id_idx" ON "users"("created_at", "id");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_key_hash_key" ON "api_keys"("key_hash");

-- CreateIndex
CREATE INDEX "api_keys_user_id_created_at_idx" ON "api_keys"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "account_tokens_user_id_purpose_idx" ON "account_tokens"("user_id", "purpose");

-- CreateIndex
CREATE INDEX "audit_events_actor_id_created_at_idx" ON "audit_events"("actor_id", "created_at");

-- CreateIndex
CREATE INDEX "audit_events_target_id_created_at_idx" ON "audit_events"("target_id", "created_at");

-- CreateIndex
CREATE INDEX "audit_events_action_created_at_idx" ON "audit_events"("action", "created_at");

-- CreateIndex
CREATE INDEX "events_created_at_idx" ON "events"("created_at");

-- CreateIndex
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "projects_slug_key" ON "projects"("slug");

-- CreateIndex
CREATE INDEX "projects_created_by_id_idx" ON "projects"("created_by_id");

-- CreateIndex
CREATE INDEX "projects_created_at_id_idx" ON "projects"("created_at", "id");

-- CreateIndex
CREATE INDEX "project_members_user_id_idx" ON "project_members"("user_id");

-- CreateIndex
CREATE INDEX "tasks_project_id_status_idx" ON "tasks"("project_id", "status");

-- CreateIndex
CREATE INDEX "tasks_assignee_id_idx" ON "tasks"("assignee_id");

-- CreateIndex
CREATE INDEX "tasks_created_by_id_idx" ON "tasks"("created_by_id");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_tokens" ADD CONSTRAINT "account_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "projects" ADD CONSTRAINT "projects_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project_members" ADD CONSTRAINT "project_members_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project_members" ADD CONSTRAINT "project_members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_assignee_id_fkey" FOREIGN KEY ("assignee_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand from here on: what Prisma's schema language cannot say. `prisma migrate diff` does not look at any of it.

-- An address is free again once its account is deleted.
CREATE UNIQUE INDEX "users_email_live_key" ON "users"("email") WHERE "deleted_at" IS NULL;

-- Lists read live rows of one project in one of these orders; the id breaks ties, so that a cursor is a place.
CREATE INDEX "tasks_live_created_at_idx" ON "tasks"("project_id", "created_at" DESC, "id" DESC) WHERE "deleted_at" IS NULL;
CREATE INDEX "tasks_live_updated_at_idx" ON "tasks"("project_id", "updated_at" DESC, "id" DESC) WHERE "deleted_at" IS NULL;
CREATE INDEX "tasks_live_due_at_idx" ON "tasks"("project_id", "due_at", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "tasks_live_priority_idx" ON "tasks"("project_id", "priority" DESC, "id" DESC) WHERE "deleted_at" IS NULL;

-- What the sender looks for; sent mail does not grow it.
CREATE INDEX "mail_messages_waiting_idx" ON "mail_messages"("next_attempt_at") WHERE "sent_at" IS NULL AND "failed_at" IS NULL;

ALTER TABLE "tasks" ADD CONSTRAINT "tasks_priority_check" CHECK ("priority" BETWEEN 0 AND 4);
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_version_check" CHECK ("version" >= 1);
ALTER TABLE "projects" ADD CONSTRAINT "projects_version_check" CHECK ("version" >= 1);
ALTER TABLE "projects" ADD CONSTRAINT "projects_slug_check" CHECK ("slug" ~ '^[a-z0-9-]+$');
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_generation_check" CHECK ("generation" >= 1);
ALTER TABLE "event_streams" ADD CONSTRAINT "event_streams_last_id_check" CHECK ("last_id" >= 0);

-- The audit trail only grows, whoever writes.
CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER "audit_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();

-- The schema's documentation, where Studio and psql show it.
COMMENT ON TABLE "users" IS 'A person who can log in. Deleting is soft: the row stays for history, the login does not.';
COMMENT ON COLUMN "users"."email" IS 'Lower-case, NFC; unique among users that are not deleted.';
COMMENT ON COLUMN "users"."password_hash" IS 'bcrypt over base64(HMAC-SHA-384(pepper, password)).';
COMMENT ON COLUMN "users"."preferred_provider" IS 'Which LLM provider answers for this user when a call names none.';
COMMENT ON TABLE "sessions" IS 'One log-in on one device: a family of refresh tokens. Tokens are MACs over (id, generation) and are not stored.';
COMMENT ON COLUMN "sessions"."generation" IS 'The refresh token now valid carries this number; an older one is a replay.';
COMMENT ON COLUMN "sessions"."authenticated_at" IS 'When the password was last proven in this session.';
COMMENT ON COLUMN "sessions"."expires_at" IS 'Absolute end, whatever the activity.';
COMMENT ON TABLE "api_keys" IS 'A credential for programs. Only a hash of the secret part is kept.';
COMMENT ON COLUMN "api_keys"."prefix" IS 'The first characters, shown so that a person can tell keys apart.';
COMMENT ON COLUMN "api_keys"."key_hash" IS 'SHA-256 of the whole key (256 random bits, so a fast hash is enough).';
COMMENT ON COLUMN "api_keys"."last_used_at" IS 'Written at most once a minute.';
COMMENT ON TABLE "account_tokens" IS 'A single-use link sent by mail. The secret is a MAC over the id and is not stored.';
COMMENT ON COLUMN "account_tokens"."email" IS 'The address it was sent to; a later change of address makes it void.';
COMMENT ON TABLE "projects" IS 'A body of work that its members share.';
COMMENT ON COLUMN "projects"."slug" IS 'a-z0-9-; unique among projects, deleted ones included so that restoring never collides.';
COMMENT ON COLUMN "projects"."version" IS 'Counts updates; an editor who saw an older number is told so.';
COMMENT ON TABLE "project_members" IS 'Who may do what in a project. A project always has an owner.';
COMMENT ON TABLE "tasks" IS 'A piece of work in a project.';
COMMENT ON COLUMN "tasks"."priority" IS '0 (none) to 4 (urgent).';
COMMENT ON COLUMN "tasks"."version" IS 'Counts updates; an editor who saw an older number is told so.';
COMMENT ON TABLE "rate_limits" IS 'Attempts at passwords, counted across all processes. Keys are hashes; the columns are those of rate-limiter-flexible.';
COMMENT ON COLUMN "rate_limits"."expire" IS 'Milliseconds since 1970 when the window ends.';
COMMENT ON TABLE "audit_events" IS 'Who did what to what, from where; written in the transaction of the change. A trigger refuses UPDATE and DELETE.';
COMMENT ON COLUMN "audit_events"."actor_id" IS 'Null for calls without an account (a failed log-in, a registration).';
COMMENT ON COLUMN "audit_events"."actor_via" IS 'The session or API key that acted: "session:<id>", "apiKey:<id>", "system".';
COMMENT ON COLUMN "audit_events"."changes" IS 'Changed fields, never secrets.';
COMMENT ON TABLE "event_streams" IS 'The last number given out in an event stream. Its row lock makes commit order and number order the same.';
COMMENT ON TABLE "events" IS 'What happened, in order, per stream ("project:<id>:tasks"). Subscriptions are cursors over these rows.';
COMMENT ON TABLE "idempotency_keys" IS 'The first answer to a call that carried an idempotency key, sealed with the server''s key.';
COMMENT ON COLUMN "idempotency_keys"."owner" IS 'Who called: "user:<id>" or "anonymous".';
COMMENT ON COLUMN "idempotency_keys"."input_hash" IS 'MAC of the canonical input.';
COMMENT ON COLUMN "idempotency_keys"."sealed_answer" IS 'AES-256-GCM; answers may hold tokens.';
COMMENT ON TABLE "mail_messages" IS 'Mail to be sent, written with the change that caused it. Links are made at sending time, so no row holds a secret.';
COMMENT ON COLUMN "mail_messages"."data" IS 'What the template needs; a link is kept as the id of its account token.';
