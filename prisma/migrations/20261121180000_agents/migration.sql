-- CreateEnum
CREATE TYPE "agent_approval" AS ENUM ('destructive', 'writes');

-- CreateEnum
CREATE TYPE "agent_run_state" AS ENUM ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "agent_call_state" AS ENUM ('proposed', 'waiting', 'approved', 'refused', 'done', 'failed');

-- CreateTable
CREATE TABLE "agents" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "instructions" TEXT NOT NULL,
    "model_id" TEXT,
    "tools" TEXT[],
    "max_steps" INTEGER NOT NULL,
    "max_seconds" INTEGER NOT NULL,
    "max_cost" DECIMAL(18,9),
    "approve" "agent_approval" NOT NULL DEFAULT 'destructive',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_runs" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "thread_id" UUID,
    "input" TEXT NOT NULL,
    "state" "agent_run_state" NOT NULL DEFAULT 'queued',
    "settings" JSONB NOT NULL,
    "delegation" JSONB NOT NULL,
    "result" TEXT,
    "error_code" TEXT,
    "error" TEXT,
    "steps" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "cost" DECIMAL(18,9) NOT NULL DEFAULT 0,
    "worked_ms" INTEGER NOT NULL DEFAULT 0,
    "job_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "trace_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "waiting_since" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_steps" (
    "run_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "usage_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_steps_pkey" PRIMARY KEY ("run_id","position")
);

-- CreateTable
CREATE TABLE "agent_calls" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "step" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "tool" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "state" "agent_call_state" NOT NULL DEFAULT 'proposed',
    "result" TEXT,
    "decided_by_id" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_calls_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "agents_owner_id_id_idx" ON "agents"("owner_id", "id");

-- CreateIndex
CREATE INDEX "agent_runs_agent_id_id_idx" ON "agent_runs"("agent_id", "id");

-- CreateIndex
CREATE INDEX "agent_runs_user_id_id_idx" ON "agent_runs"("user_id", "id");

-- CreateIndex
CREATE INDEX "agent_runs_thread_id_idx" ON "agent_runs"("thread_id");

-- CreateIndex
CREATE INDEX "agent_calls_decided_by_id_idx" ON "agent_calls"("decided_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "agent_calls_run_id_step_position_key" ON "agent_calls"("run_id", "step", "position");

-- AddForeignKey
ALTER TABLE "agents" ADD CONSTRAINT "agents_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_runs" ADD CONSTRAINT "agent_runs_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_runs" ADD CONSTRAINT "agent_runs_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_runs" ADD CONSTRAINT "agent_runs_thread_id_fkey" FOREIGN KEY ("thread_id") REFERENCES "threads"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_steps" ADD CONSTRAINT "agent_steps_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "agent_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_calls" ADD CONSTRAINT "agent_calls_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "agent_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_calls" ADD CONSTRAINT "agent_calls_decided_by_id_fkey" FOREIGN KEY ("decided_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand from here on.

-- What the sweep looks at every minute: the few runs that have not ended.
CREATE INDEX "agent_runs_open" ON "agent_runs"("state", "id") WHERE "finished_at" IS NULL;

ALTER TABLE "agent_runs"
  ADD CONSTRAINT "agent_runs_ended" CHECK (("state" IN ('succeeded', 'failed', 'cancelled')) = ("finished_at" IS NOT NULL)),
  ADD CONSTRAINT "agent_runs_waiting" CHECK (("state" = 'waiting') = ("waiting_since" IS NOT NULL));

-- The schema's documentation, where Studio and psql show it.

COMMENT ON TABLE "agents" IS 'Instructions, a model and tools that work for their owner, with the owner''s rights of the moment.';
COMMENT ON COLUMN "agents"."tools" IS 'Paths of procedures: "tasks.create".';
COMMENT ON COLUMN "agents"."max_cost" IS 'US dollars.';
COMMENT ON COLUMN "agents"."approve" IS 'Which calls a person has to agree to.';
COMMENT ON TABLE "agent_runs" IS 'One piece of work of an agent. Its stream is "agent-run:<id>"; its steps are enough to go on after a crash.';
COMMENT ON COLUMN "agent_runs"."settings" IS 'What the agent was when the run began: instructions, model, tools, limits.';
COMMENT ON COLUMN "agent_runs"."delegation" IS 'Whose rights it has, and through which credential: it never has more, and ends when that one does.';
COMMENT ON COLUMN "agent_runs"."cost" IS 'US dollars.';
COMMENT ON COLUMN "agent_runs"."worked_ms" IS 'Milliseconds it has worked, waiting left out.';
COMMENT ON COLUMN "agent_runs"."job_id" IS 'The job that does it, or did last.';
COMMENT ON COLUMN "agent_runs"."attempt" IS 'The job''s attempt that may write; an older one writes nothing any more.';
COMMENT ON COLUMN "agent_runs"."waiting_since" IS 'Since when it waits for a person.';
COMMENT ON TABLE "agent_steps" IS 'What the model said in one step.';
COMMENT ON COLUMN "agent_steps"."position" IS 'Counts from 1.';
COMMENT ON COLUMN "agent_steps"."usage_id" IS 'The ledger row of the call that says it; no foreign key, the ledger may be swept.';
COMMENT ON COLUMN "agent_steps"."finished_at" IS 'Null while the model is speaking, and for ever when its worker died.';
COMMENT ON TABLE "agent_calls" IS 'A tool the model called. Its id is the idempotency key, so that a run that goes on after a crash repeats nothing, and what the model knows the call by.';
COMMENT ON COLUMN "agent_calls"."position" IS 'Counts from 0 within the step.';
COMMENT ON COLUMN "agent_calls"."result" IS 'What came of it, as the model is told.';
