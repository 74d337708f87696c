"""Reads of what changed, and of which tables tell."""

from typing import Final

from sqlalchemy import Text, bindparam, text

LOOK: Final = text("""
SELECT pg_current_snapshot()::text AS snapshot,
       EXTRACT(epoch FROM statement_timestamp())::float8 AS at,
       ARRAY(
           SELECT DISTINCT table_name FROM change_change
           WHERE transaction_id >= pg_snapshot_xmin(CAST(:seen AS pg_snapshot))::text::bigint
             AND transaction_id < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
             AND NOT pg_visible_in_snapshot(transaction_id::text::xid8, CAST(:seen AS pg_snapshot))
       ) AS changed
""").bindparams(bindparam("seen", type_=Text()))
"""This moment's snapshot, its time in seconds, and the followed tables that changed since the snapshot `seen`.

What it does not tell was committed before that, and a statement that starts later sees it. Rows of a restored backup,
whose transactions are still to come, are passed over.
"""

FOLLOWED: Final = text(
    "SELECT relname, string_to_array(encode(tgargs, 'escape'), '\\000') AS told FROM pg_trigger "
    "JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname IN ('change_update', 'topic_update')"
)
"""The tables whose changes are told, and how: `told` ends with an empty text. Before it stands nothing (the table is
told of by its own name), a topic (it is told of by that name), or a column and the topic of that column alone.
"""

READABLE: Final = text(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')"
)
"""The names of everything that a statement can read rows from."""
