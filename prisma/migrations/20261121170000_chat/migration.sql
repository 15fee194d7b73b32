-- CreateEnum
CREATE TYPE "message_role" AS ENUM ('user', 'assistant');

-- CreateEnum
CREATE TYPE "message_state" AS ENUM ('queued', 'streaming', 'done', 'stopped', 'interrupted', 'failed');

-- CreateTable
CREATE TABLE "threads" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "model_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "threads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "thread_knowledge_bases" (
    "thread_id" UUID NOT NULL,
    "knowledge_base_id" UUID NOT NULL,

    CONSTRAINT "thread_knowledge_bases_pkey" PRIMARY KEY ("thread_id","knowledge_base_id")
);

-- CreateTable
CREATE TABLE "messages" (
    "id" UUID NOT NULL,
    "thread_id" UUID NOT NULL,
    "role" "message_role" NOT NULL,
    "state" "message_state" NOT NULL,
    "answers_id" UUID,
    "text" TEXT NOT NULL,
    "citations" JSONB NOT NULL DEFAULT '[]',
    "model_id" TEXT,
    "usage_id" UUID,
    "input_tokens" INTEGER,
    "output_tokens" INTEGER,
    "cost" DECIMAL(18,9),
    "finish_reason" TEXT,
    "job_id" UUID,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "error_code" TEXT,
    "error" TEXT,
    "trace_id" TEXT,
    "stop_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "threads_user_id_created_at_id_idx" ON "threads"("user_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "thread_knowledge_bases_knowledge_base_id_idx" ON "thread_knowledge_bases"("knowledge_base_id");

-- CreateIndex
CREATE INDEX "messages_thread_id_id_idx" ON "messages"("thread_id", "id");

-- CreateIndex
CREATE INDEX "messages_answers_id_idx" ON "messages"("answers_id");

-- AddForeignKey
ALTER TABLE "threads" ADD CONSTRAINT "threads_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "thread_knowledge_bases" ADD CONSTRAINT "thread_knowledge_bases_thread_id_fkey" FOREIGN KEY ("thread_id") REFERENCES "threads"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "thread_knowledge_bases" ADD CONSTRAINT "thread_knowledge_bases_knowledge_base_id_fkey" FOREIGN KEY ("knowledge_base_id") REFERENCES "knowledge_bases"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_thread_id_fkey" FOREIGN KEY ("thread_id") REFERENCES "threads"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_answers_id_fkey" FOREIGN KEY ("answers_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on.

-- One reply under way in a thread; also how those are found that their job left behind.
CREATE UNIQUE INDEX "messages_one_reply_under_way" ON "messages" ("thread_id")
  WHERE "state" IN ('queued', 'streaming');

-- The schema's documentation, where Studio and psql show it.

COMMENT ON TABLE "threads" IS 'A conversation of one user.';
COMMENT ON COLUMN "threads"."model_id" IS 'Which model answers when a message names none: "<provider>:<name>".';
COMMENT ON TABLE "thread_knowledge_bases" IS 'What a thread''s answers may draw on. Whether its user may still read it is asked at every answer.';
COMMENT ON TABLE "messages" IS 'What was said. A reply is a message whose job writes it; its stream is "reply:<id>".';
COMMENT ON COLUMN "messages"."answers_id" IS 'Of a reply: the message it answers.';
COMMENT ON COLUMN "messages"."citations" IS 'Of a reply: the sources it names, as the stream''s citation events carry them.';
COMMENT ON COLUMN "messages"."usage_id" IS 'The ledger row of the call that wrote it; no foreign key, the ledger may be swept.';
COMMENT ON COLUMN "messages"."cost" IS 'US dollars.';
COMMENT ON COLUMN "messages"."finish_reason" IS 'Of a reply: why the model ended it, as providers say it.';
COMMENT ON COLUMN "messages"."revision" IS 'Of a reply: the id of the last event of the stream "reply:<id>". Whoever writes says which one it knows.';
COMMENT ON COLUMN "messages"."error_code" IS 'Why it failed: a code or reason of the error catalogue, and words for people.';
COMMENT ON COLUMN "messages"."stop_requested_at" IS 'When somebody asked for it to stop.';
