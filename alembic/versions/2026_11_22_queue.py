"""The job queue: procrastinate 3.10's own SQL, frozen in the file beside this one.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).with_suffix(".sql")

DROP = """
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT oid::regprocedure::text FROM pg_proc
    WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace LOOP
    EXECUTE 'DROP FUNCTION IF EXISTS ' || name || ' CASCADE';
  END LOOP;
  FOR name IN SELECT c.oid::regclass::text FROM pg_class c
    WHERE relkind = 'r' AND relname LIKE 'procrastinate\\_%' AND relnamespace = current_schema()::regnamespace LOOP
    EXECUTE 'DROP TABLE IF EXISTS ' || name || ' CASCADE';
  END LOOP;
  FOR name IN SELECT t.oid::regtype::text FROM pg_type t
    WHERE typtype IN ('e', 'c') AND typname LIKE 'procrastinate\\_%'
      AND typnamespace = current_schema()::regnamespace LOOP
    EXECUTE 'DROP TYPE IF EXISTS ' || name || ' CASCADE';
  END LOOP;
END $$;
"""


def upgrade() -> None:
    # The driver's own call: the text has several statements and percent signs.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SQL.read_text())
    cursor.close()


def downgrade() -> None:
    op.execute(DROP)
