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
