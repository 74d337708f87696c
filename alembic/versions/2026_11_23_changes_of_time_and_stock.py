"""Time and stock that are taken tell which transaction changed them.

Revision ID: 0037
Revises: 0036
Create Date: 2026-11-23
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


# Followed by themselves: they change when somebody arranges the shop.
_FOLLOWED = (
    "booking_holiday",
    "booking_override",
    "booking_override_window",
    "booking_weekly_window",
    "stock_warehouse",
    "stock_warehouse_channel",
    "stock_warehouse_zone",
)
# Told of by one name: a sale or a hold changes several of them, and whoever reads one reads the others.
_TOPICS = {
    "booking_time": ("booking_allocation", "booking_hold", "booking_seat", "booking_session"),
    "stock_left": ("stock_reservation", "stock_stock"),
}
_TELL = """
CREATE OR REPLACE FUNCTION change_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A statement that found no row to change is no change.
    IF EXISTS (SELECT FROM changed) THEN
        INSERT INTO change_change (transaction_id, table_name)
        VALUES (pg_current_xact_id()::text::bigint, {name}) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION change_tell_of_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_change (transaction_id, table_name)
    VALUES (pg_current_xact_id()::text::bigint, {name}) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
"""
# Their triggers have names of their own: a process of the version before, which does not know of topics, must not take
# these tables for followed ones.
_FUNCTIONS = """
CREATE FUNCTION change_follow(followed regclass, topic text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER topic_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell(%L)', followed, topic);
    EXECUTE format('CREATE TRIGGER topic_update AFTER UPDATE ON %s REFERENCING NEW TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell(%L)', followed, topic);
    EXECUTE format('CREATE TRIGGER topic_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell(%L)', followed, topic);
    EXECUTE format('CREATE TRIGGER topic_truncate AFTER TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell_of_truncate(%L)', followed, topic);
END
$$;

-- Of an update: the table by its name, but one of its columns by another.
CREATE FUNCTION change_tell_apart() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    apart CONSTANT text := TG_ARGV[0];
BEGIN
    INSERT INTO change_change (transaction_id, table_name)
    SELECT DISTINCT pg_current_xact_id()::text::bigint, told.name
    FROM changed FULL JOIN previous USING (id)
    CROSS JOIN LATERAL (VALUES
        (TG_TABLE_NAME::text, to_jsonb(changed) - apart IS DISTINCT FROM to_jsonb(previous) - apart),
        (TG_ARGV[1], to_jsonb(changed) -> apart IS DISTINCT FROM to_jsonb(previous) -> apart)
    ) AS told (name, is_other)
    WHERE told.is_other
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
"""
# Every hold marks the calendars that it takes: who they belong to, which products and articles show, has not changed.
_APART = """
DROP TRIGGER change_update ON booking_resource;
CREATE TRIGGER change_update AFTER UPDATE ON booking_resource REFERENCING OLD TABLE AS previous NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION change_tell_apart('calendar_version', 'booking_time');
"""
_TOGETHER = """
DROP TRIGGER change_update ON booking_resource;
CREATE TRIGGER change_update AFTER UPDATE ON booking_resource REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION change_tell();
"""
_EVENTS = ("insert", "update", "delete", "truncate")


def upgrade() -> None:
    op.execute(_TELL.format(name="coalesce(TG_ARGV[0], TG_TABLE_NAME)"))
    op.execute(_FUNCTIONS)
    for table in _FOLLOWED:
        op.execute(f"SELECT change_follow('{table}')")
    for topic, tables in _TOPICS.items():
        for table in tables:
            op.execute(f"SELECT change_follow('{table}', '{topic}')")
    op.execute(_APART)


def downgrade() -> None:
    op.execute(_TOGETHER)
    for event in _EVENTS:
        for table in _FOLLOWED:
            op.execute(f"DROP TRIGGER change_{event} ON {table}")
        for tables in _TOPICS.values():
            for table in tables:
                op.execute(f"DROP TRIGGER topic_{event} ON {table}")
    op.execute("DROP FUNCTION change_tell_apart()")
    op.execute("DROP FUNCTION change_follow(regclass, text)")
    op.execute(_TELL.format(name="TG_TABLE_NAME"))
