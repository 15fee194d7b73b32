-- Undoes migration.sql: everything of models is gone afterwards.
DROP TABLE "provider_keys", "budget_spending", "budgets", "usage_entries", "model_prices", "model_lists", "models";
DROP TYPE "model_kind";
DROP TYPE "usage_state";
DROP TYPE "budget_period";
