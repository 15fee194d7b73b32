-- CreateEnum
CREATE TYPE "subscription_tier" AS ENUM ('free', 'premium');

-- AlterTable
ALTER TABLE "users" ADD COLUMN "beta_tester" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "subscription_tier" "subscription_tier" NOT NULL DEFAULT 'free';

-- CreateTable
CREATE TABLE "flag_settings" (
    "flag" TEXT NOT NULL,
    "default_value" BOOLEAN,
    "rules" JSONB,
    "version" INTEGER NOT NULL DEFAULT 0,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_by_id" UUID,

    CONSTRAINT "flag_settings_pkey" PRIMARY KEY ("flag")
);

-- The schema's documentation, where Studio and psql show it.
COMMENT ON COLUMN "users"."beta_tester" IS 'Gets what is not ready for everybody yet.';
COMMENT ON TABLE "flag_settings" IS 'What an admin decided about a feature flag. A flag without a row is as the code declares it.';
COMMENT ON COLUMN "flag_settings"."default_value" IS 'What everybody gets whom no rule speaks of. Null with "rules": as in the code again.';
COMMENT ON COLUMN "flag_settings"."rules" IS 'In order; the first that speaks of a user decides.';
COMMENT ON COLUMN "flag_settings"."version" IS 'Counts changes; an admin who saw an older number is told so.';
