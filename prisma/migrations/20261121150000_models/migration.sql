-- CreateEnum
CREATE TYPE "model_kind" AS ENUM ('chat', 'embedding');

-- CreateEnum
CREATE TYPE "usage_state" AS ENUM ('reserved', 'settled');

-- CreateEnum
CREATE TYPE "budget_period" AS ENUM ('day', 'month');

-- CreateTable
CREATE TABLE "models" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "kind" "model_kind" NOT NULL,
    "context_tokens" INTEGER NOT NULL,
    "max_output_tokens" INTEGER,
    "dimension" INTEGER,
    "tools" BOOLEAN NOT NULL DEFAULT false,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "position" INTEGER NOT NULL DEFAULT 1000,
    "edited" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "models_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_prices" (
    "id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "input_per_million" DECIMAL(14,6) NOT NULL,
    "output_per_million" DECIMAL(14,6) NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "shipped" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_prices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_lists" (
    "fingerprint" TEXT NOT NULL,
    "merged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_lists_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateTable
CREATE TABLE "usage_entries" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "price_id" UUID,
    "provider_key_id" UUID,
    "purpose" TEXT NOT NULL,
    "state" "usage_state" NOT NULL,
    "reserved_tokens" INTEGER NOT NULL,
    "reserved_cost" DECIMAL(18,9) NOT NULL,
    "budget_day" DATE,
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "cost" DECIMAL(18,9) NOT NULL DEFAULT 0,
    "thread_id" UUID,
    "reply_id" UUID,
    "run_id" UUID,
    "trace_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "usage_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budgets" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "role" "user_role",
    "period" "budget_period" NOT NULL,
    "max_tokens" BIGINT,
    "max_cost" DECIMAL(18,9),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "budgets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_spending" (
    "user_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "day_tokens" BIGINT NOT NULL,
    "day_cost" DECIMAL(18,9) NOT NULL,
    "month_tokens" BIGINT NOT NULL,
    "month_cost" DECIMAL(18,9) NOT NULL,

    CONSTRAINT "budget_spending_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "provider_keys" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "last_four" TEXT NOT NULL,
    "base_url" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "models_provider_name_key" ON "models"("provider", "name");

-- CreateIndex
CREATE UNIQUE INDEX "model_prices_model_id_valid_from_key" ON "model_prices"("model_id", "valid_from");

-- CreateIndex
CREATE INDEX "usage_entries_user_id_created_at_id_idx" ON "usage_entries"("user_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "usage_entries_price_id_idx" ON "usage_entries"("price_id");

-- CreateIndex
CREATE INDEX "budgets_user_id_idx" ON "budgets"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "provider_keys_user_id_provider_key" ON "provider_keys"("user_id", "provider");

-- AddForeignKey
ALTER TABLE "model_prices" ADD CONSTRAINT "model_prices_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_entries" ADD CONSTRAINT "usage_entries_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_entries" ADD CONSTRAINT "usage_entries_price_id_fkey" FOREIGN KEY ("price_id") REFERENCES "model_prices"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_spending" ADD CONSTRAINT "budget_spending_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_keys" ADD CONSTRAINT "provider_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on.

-- Calls under way are few; those whose process died are looked for among them.
CREATE INDEX "usage_entries_under_way_idx" ON "usage_entries"("created_at") WHERE "state" = 'reserved';

-- One budget a period for a user, and one for a role.
CREATE UNIQUE INDEX "budgets_user_id_period_key" ON "budgets"("user_id", "period") WHERE "user_id" IS NOT NULL;
CREATE UNIQUE INDEX "budgets_role_period_key" ON "budgets"("role", "period") WHERE "role" IS NOT NULL;
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_for_one_check" CHECK (("user_id" IS NULL) <> ("role" IS NULL));
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_limits_check"
  CHECK (coalesce("max_tokens", "max_cost") IS NOT NULL AND "max_tokens" >= 0 AND "max_cost" >= 0);
ALTER TABLE "budget_spending" ADD CONSTRAINT "budget_spending_not_negative_check"
  CHECK ("day_tokens" >= 0 AND "day_cost" >= 0 AND "month_tokens" >= 0 AND "month_cost" >= 0);
ALTER TABLE "usage_entries" ADD CONSTRAINT "usage_entries_not_negative_check"
  CHECK ("input_tokens" >= 0 AND "output_tokens" >= 0 AND "cost" >= 0 AND "reserved_tokens" >= 0 AND "reserved_cost" >= 0);
ALTER TABLE "model_prices" ADD CONSTRAINT "model_prices_not_negative_check"
  CHECK ("input_per_million" >= 0 AND "output_per_million" >= 0);

-- The schema's documentation, where Studio and psql show it.

COMMENT ON TABLE "models" IS 'A language model that can be asked. Its id is "<provider>:<name at the provider>".';
COMMENT ON COLUMN "models"."provider" IS 'Which adapter speaks to it: "openai", "anthropic", "gemini", "openai-compatible", "demo".';
COMMENT ON COLUMN "models"."name" IS 'What the provider calls it.';
COMMENT ON COLUMN "models"."context_tokens" IS 'Tokens that question and answer may have together.';
COMMENT ON COLUMN "models"."dimension" IS 'How many numbers an embedding has; null for chat models.';
COMMENT ON COLUMN "models"."tools" IS 'Whether it can call tools.';
COMMENT ON COLUMN "models"."position" IS 'Its place among the models of its provider; the first enabled one is the default.';
COMMENT ON COLUMN "models"."edited" IS 'An admin changed it: the list that comes with a new version leaves it alone.';
COMMENT ON TABLE "model_prices" IS 'What a model cost from a moment on. Rows are never changed: the ledger names the price it used.';
COMMENT ON COLUMN "model_prices"."input_per_million" IS 'US dollars per million tokens.';
COMMENT ON COLUMN "model_prices"."shipped" IS 'It came with the list of a version; false when an admin set it.';
COMMENT ON TABLE "model_lists" IS 'A list of models that came with a version and is part of the catalogue; it is merged once.';
COMMENT ON COLUMN "model_lists"."fingerprint" IS 'SHA-256 of the list.';
COMMENT ON TABLE "usage_entries" IS 'One call of a model: the ledger. Written before the call with what it may cost, settled with what it did cost.';
COMMENT ON COLUMN "usage_entries"."model_id" IS 'No foreign key: the ledger outlives the catalogue.';
COMMENT ON COLUMN "usage_entries"."provider_key_id" IS 'The user''s own key, which the platform pays nothing for; null for the platform''s.';
COMMENT ON COLUMN "usage_entries"."purpose" IS '"chat", "agent", "embedding".';
COMMENT ON COLUMN "usage_entries"."reserved_tokens" IS 'What is held while reserved.';
COMMENT ON COLUMN "usage_entries"."budget_day" IS 'The day (UTC) in whose budget, and in whose month''s, it is counted; null when it is counted in none.';
COMMENT ON COLUMN "usage_entries"."input_tokens" IS 'While reserved what we counted, afterwards what the provider counted where it says.';
COMMENT ON COLUMN "usage_entries"."cost" IS 'US dollars.';
COMMENT ON TABLE "budgets" IS 'What one user, or every user of a role, may use in a period (UTC). A user''s own row goes before that of their role.';
COMMENT ON COLUMN "budgets"."max_cost" IS 'US dollars.';
COMMENT ON TABLE "budget_spending" IS 'What a user has used and holds today and this month (UTC). One row a user: its lock makes budgets exact.';
COMMENT ON COLUMN "budget_spending"."day" IS 'The day of `dayTokens` and `dayCost`, and in the month of the other two. Another day''s call begins them anew.';
COMMENT ON COLUMN "budget_spending"."day_cost" IS 'US dollars.';
COMMENT ON TABLE "provider_keys" IS 'A user''s own key at a provider, sealed with AES-256-GCM and bound to its owner, provider and address.';
COMMENT ON COLUMN "provider_keys"."last_four" IS 'The last characters, shown so that a person can tell keys apart.';
COMMENT ON COLUMN "provider_keys"."base_url" IS 'Where it is sent, and nowhere else; null for the provider''s own address.';
