-- Undoes migration.sql: everything of agents is gone afterwards.
DROP TABLE "agent_calls", "agent_steps", "agent_runs", "agents";
DROP TYPE "agent_run_state";
DROP TYPE "agent_call_state";
DROP TYPE "agent_approval";
