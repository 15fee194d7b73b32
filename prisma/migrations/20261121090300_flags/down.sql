-- Undoes migration.sql: what admins set, and everybody's plan, is gone afterwards.
DROP TABLE "flag_settings";
ALTER TABLE "users" DROP COLUMN "subscription_tier", DROP COLUMN "beta_tester";
DROP TYPE "subscription_tier";
