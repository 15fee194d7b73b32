import type { ModuleNames } from '../module-names.ts'

const describe = ({ one }: ModuleNames): string =>
  `${one.charAt(0).toUpperCase()}${one.slice(1)} of a project.`

/** `prisma/schema/<plural>.prisma`. */
export const modelTemplate = (names: ModuleNames): string => `/// ${describe(names)}
model ${names.type} {
  id          String   @id @default(uuid(7)) @db.Uuid
  projectId   String   @map("project_id") @db.Uuid
  name        String
  createdById String?  @map("created_by_id") @db.Uuid
  /// Counts updates; an editor who saw an older number is told so.
  version     Int      @default(1)
  createdAt   DateTime @default(now()) @map("created_at") @db.Timestamptz(3)
  updatedAt   DateTime @default(now()) @updatedAt @map("updated_at") @db.Timestamptz(3)

  project   Project @relation(fields: [projectId], references: [id], onDelete: Cascade)
  createdBy User?   @relation(fields: [createdById], references: [id], onDelete: SetNull)

  @@index([projectId, createdAt, id])
  @@index([createdById])
  @@map("${names.table}")
}
`

/** `migration.sql`, as Prisma would write it, and the comments. */
export const migrationTemplate = (names: ModuleNames): string => `-- CreateTable
CREATE TABLE "${names.table}" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_by_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "${names.table}_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "${names.table}_project_id_created_at_id_idx" ON "${names.table}"("project_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "${names.table}_created_by_id_idx" ON "${names.table}"("created_by_id");

-- AddForeignKey
ALTER TABLE "${names.table}" ADD CONSTRAINT "${names.table}_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "${names.table}" ADD CONSTRAINT "${names.table}_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand from here on.

-- The schema's documentation, where Studio and psql show it.
COMMENT ON TABLE "${names.table}" IS '${describe(names)}';
COMMENT ON COLUMN "${names.table}"."version" IS 'Counts updates; an editor who saw an older number is told so.';
`

/** `down.sql`. */
export const downTemplate = ({
  table,
  many,
}: ModuleNames): string => `-- Undoes migration.sql: the ${many} are gone afterwards.
DROP TABLE "${table}";
`
