-- Undoes migration.sql: everything of chat is gone afterwards.
DROP TABLE "messages", "thread_knowledge_bases", "threads";
DROP TYPE "message_role";
DROP TYPE "message_state";
