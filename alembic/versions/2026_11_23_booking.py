"""Bookings: resources and hours, services, the one table in which time is taken, holds, bookings, packages, intake.

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Adding minutes to an instant depends on no setting, which PostgreSQL cannot know: it calls all such sums STABLE.
_BUSY = """
CREATE FUNCTION booking_busy(during tstzrange, before_min integer, after_min integer) RETURNS tstzrange
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tstzrange(
    lower(during) - make_interval(mins => before_min), upper(during) + make_interval(mins => after_min), '[)'
)
"""
_APPEND_ONLY = """
CREATE FUNCTION booking_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
_LOGS = ("booking_event", "booking_entitlement_entry", "booking_intake_access")
_AS_SOLD = """
CREATE FUNCTION booking_as_sold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was agreed of booking % never changes', OLD.number USING ERRCODE = 'restrict_violation';
END
$$
"""
_SOLD = (
    "number",
    "purchase_key",
    "service_snapshot",
    "policy_snapshot",
    "currency",
    "price_amount",
    "deposit_amount",
    "entitlement_id",
)


def _need_btree_gist() -> None:
    """Overlaps of one resource are excluded by a GiST index over its id and its time."""
    made = sa.text("SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'")
    if op.get_bind().execute(made).first() is not None:
        return
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION btree_gist")
    except sa.exc.DBAPIError as error:
        raise RuntimeError(
            "Bookings need PostgreSQL's extension btree_gist, and this user may not create it. "
            "Let the database's owner run: CREATE EXTENSION btree_gist;"
        ) from error


def upgrade() -> None:
    _need_btree_gist()
    op.execute(_BUSY)
    op.create_table(
        "booking_cancellation_policy",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("fee_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("fee_currency", sa.Text(), nullable=True),
        sa.Column("no_show_percent", sa.Numeric(precision=5, scale=2), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(fee_amount IS NULL) = (fee_currency IS NULL)", name=op.f("ck_booking_cancellation_policy_fee_is_money")
        ),
        sa.CheckConstraint("fee_amount >= 0", name=op.f("ck_booking_cancellation_policy_fee_amount_not_negative")),
        sa.CheckConstraint(
            "no_show_percent BETWEEN 0 AND 100", name=op.f("ck_booking_cancellation_policy_no_show_percent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_cancellation_policy")),
        sa.UniqueConstraint("slug", name=op.f("uq_booking_cancellation_policy_slug")),
    )
    op.create_table(
        "booking_intake_form",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_intake_form")),
        sa.UniqueConstraint("slug", name=op.f("uq_booking_intake_form_slug")),
    )
    op.create_table(
        "booking_cancellation_tier",
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("min_notice_min", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.CheckConstraint(
            "min_notice_min >= 0", name=op.f("ck_booking_cancellation_tier_min_notice_min_not_negative")
        ),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_booking_cancellation_tier_percent")),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["booking_cancellation_policy.id"],
            name=op.f("fk_booking_cancellation_tier_policy_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("policy_id", "min_notice_min", name=op.f("pk_booking_cancellation_tier")),
    )
    op.create_table(
        "booking_intake_question",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind IN ('CHOICE', 'MULTIPLE_CHOICE')) = (cardinality(choices) > 0)",
            name=op.f("ck_booking_intake_question_choices"),
        ),
        sa.CheckConstraint(
            "kind IN ('TEXT', 'CHOICE', 'MULTIPLE_CHOICE', 'BOOLEAN', 'DATE')",
            name=op.f("ck_booking_intake_question_kind"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_booking_intake_question_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["booking_intake_form.id"], name=op.f("fk_booking_intake_question_form_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_intake_question")),
        sa.UniqueConstraint("form_id", "key", name=op.f("uq_booking_intake_question_form_id_key")),
    )
    op.create_index(
        "ix_booking_intake_question_form_position",
        "booking_intake_question",
        ["form_id", "position", "id"],
        unique=False,
    )
    op.create_table(
        "booking_location",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("timezone <> ''", name=op.f("ck_booking_location_timezone")),
        sa.ForeignKeyConstraint(["address_id"], ["account_address.id"], name=op.f("fk_booking_location_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_location")),
        sa.UniqueConstraint("slug", name=op.f("uq_booking_location_slug")),
    )
    op.create_index(
        "ix_booking_location_address",
        "booking_location",
        ["address_id"],
        unique=False,
        postgresql_where=sa.text("address_id IS NOT NULL"),
    )
    op.create_table(
        "booking_holiday",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["booking_location.id"], name=op.f("fk_booking_holiday_location_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_holiday")),
        sa.UniqueConstraint(
            "location_id", "day", name=op.f("uq_booking_holiday_location_id_day"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("ix_booking_holiday_day", "booking_holiday", ["day"], unique=False)
    op.create_table(
        "booking_resource",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("calendar_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('PRACTITIONER', 'ROOM', 'DEVICE')", name=op.f("ck_booking_resource_kind")),
        sa.CheckConstraint("timezone <> ''", name=op.f("ck_booking_resource_timezone")),
        sa.CheckConstraint(
            "user_id IS NULL OR kind = 'PRACTITIONER'", name=op.f("ck_booking_resource_only_people_log_in")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["booking_location.id"], name=op.f("fk_booking_resource_location_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_booking_resource_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_resource")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_booking_resource_external_reference")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_booking_resource_id_kind")),
        sa.UniqueConstraint("slug", name=op.f("uq_booking_resource_slug")),
        sa.UniqueConstraint("user_id", name=op.f("uq_booking_resource_user_id")),
    )
    op.create_index("ix_booking_resource_kind_sort", "booking_resource", ["kind", "sort_order", "id"], unique=False)
    op.create_index(op.f("ix_booking_resource_location_id"), "booking_resource", ["location_id"], unique=False)
    op.create_table(
        "booking_calendar_feed",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("num_nonnulls(resource_id, user_id) = 1", name=op.f("ck_booking_calendar_feed_one_owner")),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["booking_resource.id"],
            name=op.f("fk_booking_calendar_feed_resource_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_booking_calendar_feed_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_booking_calendar_feed_token_hash")),
    )
    op.create_index(
        op.f("ix_booking_calendar_feed_resource_id"), "booking_calendar_feed", ["resource_id"], unique=False
    )
    op.create_index(op.f("ix_booking_calendar_feed_user_id"), "booking_calendar_feed", ["user_id"], unique=False)
    op.create_table(
        "booking_override",
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["booking_resource.id"], name=op.f("fk_booking_override_resource_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "day", name=op.f("pk_booking_override")),
    )
    op.create_table(
        "booking_package",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("is_transferable", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.CheckConstraint("sessions BETWEEN 1 AND 1000", name=op.f("ck_booking_package_sessions")),
        sa.CheckConstraint("valid_days > 0", name=op.f("ck_booking_package_valid_days")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalogue_variant.id"], name=op.f("fk_booking_package_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_package")),
        sa.UniqueConstraint("variant_id", name=op.f("uq_booking_package_variant_id")),
    )
    op.create_table(
        "booking_service",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("step_min", sa.Integer(), server_default="15", nullable=False),
        sa.Column("align", sa.Text(), server_default="WINDOW_START", nullable=False),
        sa.Column("buffer_before_min", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buffer_after_min", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lead_min", sa.Integer(), server_default="0", nullable=False),
        sa.Column("horizon_days", sa.Integer(), server_default="90", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("location_kind", sa.Text(), server_default="IN_PERSON", nullable=False),
        sa.Column("confirmation", sa.Text(), server_default="AUTO", nullable=False),
        sa.Column("deposit_kind", sa.Text(), server_default="NONE", nullable=False),
        sa.Column("deposit_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("deposit_currency", sa.Text(), nullable=True),
        sa.Column("deposit_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("intake_form_id", sa.Integer(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(deposit_kind = 'FIXED') = (deposit_amount IS NOT NULL) AND (deposit_amount > 0) IS NOT FALSE AND (deposit_amount IS NULL) = (deposit_currency IS NULL)",
            name=op.f("ck_booking_service_fixed_deposit"),
        ),
        sa.CheckConstraint(
            "(deposit_kind = 'PERCENT') = (deposit_percent IS NOT NULL) AND (deposit_percent > 0 AND deposit_percent < 100) IS NOT FALSE",
            name=op.f("ck_booking_service_percent_deposit"),
        ),
        sa.CheckConstraint("align IN ('WINDOW_START', 'LOCAL_CLOCK')", name=op.f("ck_booking_service_align")),
        sa.CheckConstraint("confirmation IN ('AUTO', 'STAFF')", name=op.f("ck_booking_service_confirmation")),
        sa.CheckConstraint(
            "deposit_kind IN ('NONE', 'FIXED', 'PERCENT')", name=op.f("ck_booking_service_deposit_kind")
        ),
        sa.CheckConstraint(
            "location_kind IN ('IN_PERSON', 'TELEHEALTH')", name=op.f("ck_booking_service_location_kind")
        ),
        sa.CheckConstraint("buffer_after_min BETWEEN 0 AND 1440", name=op.f("ck_booking_service_buffer_after")),
        sa.CheckConstraint("buffer_before_min BETWEEN 0 AND 1440", name=op.f("ck_booking_service_buffer_before")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000", name=op.f("ck_booking_service_capacity")),
        sa.CheckConstraint("duration_min BETWEEN 1 AND 10080", name=op.f("ck_booking_service_duration")),
        sa.CheckConstraint("horizon_days BETWEEN 1 AND 1100", name=op.f("ck_booking_service_horizon")),
        sa.CheckConstraint("lead_min >= 0", name=op.f("ck_booking_service_lead_min_not_negative")),
        sa.CheckConstraint("step_min BETWEEN 1 AND 1440", name=op.f("ck_booking_service_step")),
        sa.ForeignKeyConstraint(
            ["intake_form_id"],
            ["booking_intake_form.id"],
            name=op.f("fk_booking_service_intake_form_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["booking_cancellation_policy.id"],
            name=op.f("fk_booking_service_policy_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalogue_variant.id"], name=op.f("fk_booking_service_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_service")),
        sa.UniqueConstraint("variant_id", name=op.f("uq_booking_service_variant_id")),
    )
    op.create_index(op.f("ix_booking_service_intake_form_id"), "booking_service", ["intake_form_id"], unique=False)
    op.create_index(op.f("ix_booking_service_policy_id"), "booking_service", ["policy_id"], unique=False)
    op.create_table(
        "booking_time_off",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "lower_inc(during) AND NOT upper_inc(during) AND NOT upper_inf(during)",
            name=op.f("ck_booking_time_off_during_half_open"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["booking_resource.id"], name=op.f("fk_booking_time_off_resource_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_time_off")),
    )
    op.create_index("ix_booking_time_off_resource", "booking_time_off", ["resource_id", "during"], unique=False)
    op.create_table(
        "booking_weekly_window",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
        sa.Column("closes", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "opens ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND closes ~ '^([0-3][0-9]|4[0-7]):[0-5][0-9]$|^48:00$' AND opens < closes",
            name=op.f("ck_booking_weekly_window_wall_clock"),
        ),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_booking_weekly_window_iso_weekday")),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["booking_resource.id"],
            name=op.f("fk_booking_weekly_window_resource_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_weekly_window")),
        sa.UniqueConstraint(
            "resource_id", "weekday", "opens", name=op.f("uq_booking_weekly_window_resource_id_weekday_opens")
        ),
    )
    op.create_table(
        "booking_entitlement",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=True),
        sa.Column("purchase_key", sa.UUID(), nullable=True),
        sa.Column("transferred_from_id", sa.UUID(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_transferable", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_booking_entitlement_balance_not_negative")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_booking_entitlement_email_is_lower_case")),
        sa.CheckConstraint("granted > 0", name=op.f("ck_booking_entitlement_granted")),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_booking_entitlement_price_amount_not_negative")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_booking_entitlement_seq_not_negative")),
        sa.ForeignKeyConstraint(
            ["package_id"], ["booking_package.id"], name=op.f("fk_booking_entitlement_package_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["transferred_from_id"],
            ["booking_entitlement.id"],
            name=op.f("fk_booking_entitlement_transferred_from_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_booking_entitlement_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_entitlement")),
        sa.UniqueConstraint("order_line_id", name=op.f("uq_booking_entitlement_order_line_id")),
    )
    op.create_index(
        "ix_booking_entitlement_expires_at",
        "booking_entitlement",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("balance > 0"),
    )
    op.create_index(
        "ix_booking_entitlement_guest_email",
        "booking_entitlement",
        ["email"],
        unique=False,
        postgresql_where=sa.text("user_id IS NULL"),
    )
    op.create_index(op.f("ix_booking_entitlement_package_id"), "booking_entitlement", ["package_id"], unique=False)
    op.create_index(op.f("ix_booking_entitlement_purchase_key"), "booking_entitlement", ["purchase_key"], unique=False)
    op.create_index(
        op.f("ix_booking_entitlement_transferred_from_id"), "booking_entitlement", ["transferred_from_id"], unique=False
    )
    op.create_index("ix_booking_entitlement_user_id", "booking_entitlement", ["user_id"], unique=False)
    op.create_table(
        "booking_override_window",
        sa.Column("resource_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
        sa.Column("closes", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "opens ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND closes ~ '^([0-3][0-9]|4[0-7]):[0-5][0-9]$|^48:00$' AND opens < closes",
            name=op.f("ck_booking_override_window_wall_clock"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id", "day"],
            ["booking_override.resource_id", "booking_override.day"],
            name=op.f("fk_booking_override_window_resource_id_day"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resource_id", "day", "opens", name=op.f("pk_booking_override_window")),
    )
    op.create_table(
        "booking_package_service",
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["booking_package.id"],
            name=op.f("fk_booking_package_service_package_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["booking_service.id"],
            name=op.f("fk_booking_package_service_service_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("package_id", "service_id", name=op.f("pk_booking_package_service")),
    )
    op.create_index(
        op.f("ix_booking_package_service_service_id"), "booking_package_service", ["service_id"], unique=False
    )
    op.create_table(
        "booking_service_role",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('PRACTITIONER', 'ROOM', 'DEVICE')", name=op.f("ck_booking_service_role_kind")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_booking_service_role_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["booking_service.id"], name=op.f("fk_booking_service_role_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_service_role")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_booking_service_role_id_kind")),
        sa.UniqueConstraint("service_id", "name", name=op.f("uq_booking_service_role_service_id_name")),
        sa.UniqueConstraint("service_id", "position", name=op.f("uq_booking_service_role_service_id_position")),
    )
    op.create_table(
        "booking_session",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 2 AND 1000", name=op.f("ck_booking_session_capacity")),
        sa.CheckConstraint(
            "lower_inc(during) AND NOT upper_inc(during) AND NOT upper_inf(during)",
            name=op.f("ck_booking_session_during_half_open"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["booking_resource.id"], name=op.f("fk_booking_session_resource_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["booking_service.id"], name=op.f("fk_booking_session_service_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_session")),
        sa.UniqueConstraint("id", "capacity", name=op.f("uq_booking_session_id_capacity")),
        sa.UniqueConstraint(
            "service_id", "resource_id", "during", name=op.f("uq_booking_session_service_id_resource_id_during")
        ),
    )
    op.create_index("ix_booking_session_resource", "booking_session", ["resource_id"], unique=False)
    op.create_table(
        "booking_waitlist_entry",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("wanted", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="WAITING", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('WAITING', 'OFFERED', 'ACCEPTED', 'EXPIRED', 'LEFT')",
            name=op.f("ck_booking_waitlist_entry_state"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_booking_waitlist_entry_email_is_lower_case")),
        sa.CheckConstraint(
            "lower_inc(wanted) AND NOT upper_inc(wanted) AND NOT upper_inf(wanted)",
            name=op.f("ck_booking_waitlist_entry_wanted_half_open"),
        ),
        sa.CheckConstraint("seats BETWEEN 1 AND 1000", name=op.f("ck_booking_waitlist_entry_seats")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel_channel.id"], name=op.f("fk_booking_waitlist_entry_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["booking_resource.id"],
            name=op.f("fk_booking_waitlist_entry_resource_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["booking_service.id"],
            name=op.f("fk_booking_waitlist_entry_service_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_booking_waitlist_entry_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_waitlist_entry")),
    )
    op.create_index(
        op.f("ix_booking_waitlist_entry_channel_id"), "booking_waitlist_entry", ["channel_id"], unique=False
    )
    op.create_index(
        "ix_booking_waitlist_entry_queue",
        "booking_waitlist_entry",
        ["service_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
    )
    op.create_index("ix_booking_waitlist_entry_resource_id", "booking_waitlist_entry", ["resource_id"], unique=False)
    op.create_index("ix_booking_waitlist_entry_user_id", "booking_waitlist_entry", ["user_id"], unique=False)
    op.create_index(
        "uq_booking_waitlist_entry_once",
        "booking_waitlist_entry",
        ["service_id", "email", "wanted"],
        unique=True,
        postgresql_where=sa.text("state IN ('WAITING', 'OFFERED')"),
    )
    op.create_table(
        "booking_booking",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=False, start=1001), nullable=False),
        sa.Column("token", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("purchase_key", sa.UUID(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=True),
        sa.Column("hold_id", sa.UUID(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language_code", sa.Text(), server_default="EN", nullable=False),
        sa.Column(
            "attendee", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=True),
        sa.Column("service_snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("tzdata_version", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("deposit_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("entitlement_id", sa.UUID(), nullable=True),
        sa.Column(
            "ical_uid",
            sa.Text(),
            server_default=sa.text("gen_random_uuid()::text || '@booking.invalid'"),
            nullable=False,
        ),
        sa.Column("ical_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'CANCELLED') = (cancelled_by IS NOT NULL)", name=op.f("ck_booking_booking_cancelled_by_somebody")
        ),
        sa.CheckConstraint("cancelled_by IN ('CUSTOMER', 'STAFF')", name=op.f("ck_booking_booking_cancelled_by")),
        sa.CheckConstraint(
            "status IN ('PENDING_PAYMENT', 'PENDING_APPROVAL', 'CONFIRMED', 'CHECKED_IN', 'COMPLETED', 'CANCELLED', 'NO_SHOW', 'EXPIRED', 'DECLINED')",
            name=op.f("ck_booking_booking_status"),
        ),
        sa.CheckConstraint(
            "0 <= deposit_amount AND deposit_amount <= price_amount",
            name=op.f("ck_booking_booking_deposit_within_price"),
        ),
        sa.CheckConstraint("ical_sequence >= 0", name=op.f("ck_booking_booking_ical_sequence_not_negative")),
        sa.CheckConstraint(
            "lower_inc(during) AND NOT upper_inc(during) AND NOT upper_inf(during)",
            name=op.f("ck_booking_booking_during_half_open"),
        ),
        sa.CheckConstraint("seats BETWEEN 1 AND 1000", name=op.f("ck_booking_booking_seats")),
        sa.CheckConstraint("version > 0", name=op.f("ck_booking_booking_version_positive")),
        sa.ForeignKeyConstraint(
            ["entitlement_id"],
            ["booking_entitlement.id"],
            name=op.f("fk_booking_booking_entitlement_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["booking_resource.id"], name=op.f("fk_booking_booking_resource_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["booking_service.id"], name=op.f("fk_booking_booking_service_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["booking_session.id"], name=op.f("fk_booking_booking_session_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_booking_booking_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_booking")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_booking_booking_hold_id")),
        sa.UniqueConstraint("ical_uid", name=op.f("uq_booking_booking_ical_uid")),
        sa.UniqueConstraint("number", name=op.f("uq_booking_booking_number")),
        sa.UniqueConstraint("order_line_id", name=op.f("uq_booking_booking_order_line_id")),
        sa.UniqueConstraint("token", name=op.f("uq_booking_booking_token")),
    )
    op.create_index("ix_booking_booking_created_at", "booking_booking", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_booking_booking_entitlement_id"), "booking_booking", ["entitlement_id"], unique=False)
    op.create_index(
        "ix_booking_booking_guest_email",
        "booking_booking",
        [sa.literal_column("lower(email)")],
        unique=False,
        postgresql_where=sa.text("user_id IS NULL"),
    )
    op.create_index("ix_booking_booking_purchase_key", "booking_booking", ["purchase_key"], unique=False)
    op.create_index(
        "ix_booking_booking_resource_start",
        "booking_booking",
        ["resource_id", sa.literal_column("lower(during)")],
        unique=False,
    )
    op.create_index(op.f("ix_booking_booking_service_id"), "booking_booking", ["service_id"], unique=False)
    op.create_index(op.f("ix_booking_booking_session_id"), "booking_booking", ["session_id"], unique=False)
    op.create_index(
        "ix_booking_booking_start", "booking_booking", [sa.literal_column("lower(during)"), "id"], unique=False
    )
    op.create_index("ix_booking_booking_user_created", "booking_booking", ["user_id", "created_at"], unique=False)
    op.create_table(
        "booking_hold",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=True),
        sa.Column("waitlist_entry_id", sa.UUID(), nullable=True),
        sa.Column("purchase_key", sa.UUID(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("entitlement_id", sa.UUID(), nullable=True),
        sa.Column(
            "attendee", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("state", sa.Text(), server_default="ACTIVE", nullable=False),
        sa.Column("payment_open", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at_latest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('CONVERTED', 'RELEASED')) = (ended_at IS NOT NULL)", name=op.f("ck_booking_hold_ended")
        ),
        sa.CheckConstraint(
            "state <> 'EXPIRING' OR payment_open", name=op.f("ck_booking_hold_expiring_awaits_a_payment")
        ),
        sa.CheckConstraint(
            "state <> 'RELEASED' OR NOT payment_open", name=op.f("ck_booking_hold_released_without_payment")
        ),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'EXPIRING', 'CONVERTED', 'RELEASED')", name=op.f("ck_booking_hold_state")
        ),
        sa.CheckConstraint("expires_at <= expires_at_latest", name=op.f("ck_booking_hold_expires_in_time")),
        sa.CheckConstraint(
            "lower_inc(during) AND NOT upper_inc(during) AND NOT upper_inf(during)",
            name=op.f("ck_booking_hold_during_half_open"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(line_id, waitlist_entry_id) > 0", name=op.f("ck_booking_hold_is_for_somebody")
        ),
        sa.CheckConstraint("renewals BETWEEN 0 AND 2", name=op.f("ck_booking_hold_renewals")),
        sa.CheckConstraint("seats BETWEEN 1 AND 1000", name=op.f("ck_booking_hold_seats")),
        sa.ForeignKeyConstraint(
            ["entitlement_id"],
            ["booking_entitlement.id"],
            name=op.f("fk_booking_hold_entitlement_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["booking_resource.id"], name=op.f("fk_booking_hold_resource_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["booking_service.id"], name=op.f("fk_booking_hold_service_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["booking_session.id"], name=op.f("fk_booking_hold_session_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["waitlist_entry_id"],
            ["booking_waitlist_entry.id"],
            name=op.f("fk_booking_hold_waitlist_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_hold")),
        sa.UniqueConstraint("id", "expires_at", name=op.f("uq_booking_hold_id_expires_at")),
    )
    op.create_index(
        "ix_booking_hold_client",
        "booking_hold",
        ["client"],
        unique=False,
        postgresql_where=sa.text("state IN ('ACTIVE', 'EXPIRING')"),
    )
    op.create_index(
        "ix_booking_hold_ended_at",
        "booking_hold",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_booking_hold_entitlement_id"), "booking_hold", ["entitlement_id"], unique=False)
    op.create_index(
        "ix_booking_hold_expires_at",
        "booking_hold",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ACTIVE', 'EXPIRING')"),
    )
    op.create_index("ix_booking_hold_line", "booking_hold", ["line_id", "created_at"], unique=False)
    op.create_index("ix_booking_hold_purchase_key", "booking_hold", ["purchase_key"], unique=False)
    op.create_index(op.f("ix_booking_hold_resource_id"), "booking_hold", ["resource_id"], unique=False)
    op.create_index(op.f("ix_booking_hold_service_id"), "booking_hold", ["service_id"], unique=False)
    op.create_index(op.f("ix_booking_hold_session_id"), "booking_hold", ["session_id"], unique=False)
    op.create_index(op.f("ix_booking_hold_waitlist_entry_id"), "booking_hold", ["waitlist_entry_id"], unique=False)
    op.create_index(
        "uq_booking_hold_live_line",
        "booking_hold",
        ["line_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('ACTIVE', 'EXPIRING')"),
    )
    op.create_table(
        "booking_role_resource",
        sa.Column("role_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("resource_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id", "kind"],
            ["booking_resource.id", "booking_resource.kind"],
            name=op.f("fk_booking_role_resource_resource_id_kind"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id", "kind"],
            ["booking_service_role.id", "booking_service_role.kind"],
            name=op.f("fk_booking_role_resource_role_id_kind"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("role_id", "resource_id", name=op.f("pk_booking_role_resource")),
    )
    op.create_index(
        op.f("ix_booking_role_resource_resource_id"), "booking_role_resource", ["resource_id"], unique=False
    )
    op.create_table(
        "booking_allocation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("buffer_before_min", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buffer_after_min", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "busy",
            postgresql.TSTZRANGE(),
            sa.Computed("booking_busy(during, buffer_before_min, buffer_after_min)", persisted=True),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_id", sa.UUID(), nullable=True),
        sa.Column("booking_id", sa.UUID(), nullable=True),
        sa.Column("session_id", sa.UUID(), nullable=True),
        sa.Column("time_off_id", sa.Integer(), nullable=True),
        sa.Column("external_uid", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("resource_id"), "="),
            (sa.column("busy"), "&&"),
            using="gist",
            name="ex_booking_allocation_resource_id_busy",
        ),
        sa.CheckConstraint(
            "(kind = 'HOLD') = (expires_at IS NOT NULL)", name=op.f("ck_booking_allocation_holds_expire")
        ),
        sa.CheckConstraint(
            "kind IN ('HOLD', 'BOOKING', 'SESSION', 'TIME_OFF', 'EXTERNAL')", name=op.f("ck_booking_allocation_kind")
        ),
        sa.CheckConstraint(
            "num_nonnulls(hold_id, booking_id, session_id, time_off_id, external_uid) = 1 AND CASE kind WHEN 'HOLD' THEN hold_id IS NOT NULL WHEN 'BOOKING' THEN booking_id IS NOT NULL WHEN 'SESSION' THEN session_id IS NOT NULL WHEN 'TIME_OFF' THEN time_off_id IS NOT NULL ELSE external_uid IS NOT NULL END",
            name=op.f("ck_booking_allocation_owner"),
        ),
        sa.CheckConstraint("buffer_after_min >= 0", name=op.f("ck_booking_allocation_buffer_after_min_not_negative")),
        sa.CheckConstraint("buffer_before_min >= 0", name=op.f("ck_booking_allocation_buffer_before_min_not_negative")),
        sa.CheckConstraint(
            "lower_inc(during) AND NOT upper_inc(during) AND NOT upper_inf(during)",
            name=op.f("ck_booking_allocation_during_half_open"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking_booking.id"], name=op.f("fk_booking_allocation_booking_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["hold_id", "expires_at"],
            ["booking_hold.id", "booking_hold.expires_at"],
            name=op.f("fk_booking_allocation_hold_id_expires_at"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["booking_resource.id"],
            name=op.f("fk_booking_allocation_resource_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["booking_session.id"], name=op.f("fk_booking_allocation_session_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["time_off_id"], ["booking_time_off.id"], name=op.f("fk_booking_allocation_time_off_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_allocation")),
    )
    op.create_index(
        "ix_booking_allocation_booking",
        "booking_allocation",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index(
        "ix_booking_allocation_hold",
        "booking_allocation",
        ["hold_id"],
        unique=False,
        postgresql_where=sa.text("hold_id IS NOT NULL"),
    )
    op.create_index(
        "ix_booking_allocation_session",
        "booking_allocation",
        ["session_id"],
        unique=False,
        postgresql_where=sa.text("session_id IS NOT NULL"),
    )
    op.create_index(
        "ix_booking_allocation_time_off",
        "booking_allocation",
        ["time_off_id"],
        unique=False,
        postgresql_where=sa.text("time_off_id IS NOT NULL"),
    )
    op.create_table(
        "booking_entitlement_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entitlement_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=True),
        sa.Column("booking_version", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('REDEEM', 'RELEASE', 'FORFEIT')) = (booking_id IS NOT NULL)",
            name=op.f("ck_booking_entitlement_entry_of_a_booking"),
        ),
        sa.CheckConstraint(
            "CASE WHEN kind IN ('GRANT', 'RELEASE', 'TRANSFER_IN') THEN amount > 0 WHEN kind IN ('REDEEM', 'TRANSFER_OUT', 'EXPIRE', 'REFUND') THEN amount < 0 WHEN kind = 'FORFEIT' THEN amount = 0 ELSE amount <> 0 END",
            name=op.f("ck_booking_entitlement_entry_sign"),
        ),
        sa.CheckConstraint(
            "kind IN ('GRANT', 'REDEEM', 'RELEASE', 'FORFEIT', 'TRANSFER_IN', 'TRANSFER_OUT', 'EXPIRE', 'REFUND', 'ADJUST')",
            name=op.f("ck_booking_entitlement_entry_kind"),
        ),
        sa.CheckConstraint(
            "(booking_id IS NULL) = (booking_version IS NULL)",
            name=op.f("ck_booking_entitlement_entry_booking_has_version"),
        ),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_booking_entitlement_entry_balance_after_not_negative")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_booking_entitlement_entry_seq")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking_booking.id"],
            name=op.f("fk_booking_entitlement_entry_booking_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["entitlement_id"],
            ["booking_entitlement.id"],
            name=op.f("fk_booking_entitlement_entry_entitlement_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_entitlement_entry")),
        sa.UniqueConstraint(
            "booking_id",
            "kind",
            "booking_version",
            name=op.f("uq_booking_entitlement_entry_booking_id_kind_booking_version"),
        ),
        sa.UniqueConstraint("entitlement_id", "seq", name=op.f("uq_booking_entitlement_entry_entitlement_id_seq")),
    )
    op.create_table(
        "booking_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("booking_version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "parameters", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("actor IN ('CUSTOMER', 'STAFF', 'SYSTEM')", name=op.f("ck_booking_event_actor")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking_booking.id"], name=op.f("fk_booking_event_booking_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_event")),
        sa.UniqueConstraint("booking_id", "booking_version", name=op.f("uq_booking_event_booking_id_booking_version")),
    )
    op.create_table(
        "booking_intake_access",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("app", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("num_nonnulls(user_id, app) > 0", name=op.f("ck_booking_intake_access_somebody")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking_booking.id"], name=op.f("fk_booking_intake_access_booking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_intake_access")),
    )
    op.create_index(op.f("ix_booking_intake_access_booking_id"), "booking_intake_access", ["booking_id"], unique=False)
    op.create_table(
        "booking_intake_answer",
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking_booking.id"], name=op.f("fk_booking_intake_answer_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["booking_intake_question.id"],
            name=op.f("fk_booking_intake_answer_question_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("booking_id", "question_id", name=op.f("pk_booking_intake_answer")),
    )
    op.create_index(
        op.f("ix_booking_intake_answer_question_id"), "booking_intake_answer", ["question_id"], unique=False
    )
    op.create_table(
        "booking_reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("booking_version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('EMAIL', 'SMS')", name=op.f("ck_booking_reminder_channel")),
        sa.CheckConstraint(
            "num_nonnulls(sent_at, cancelled_at) < 2", name=op.f("ck_booking_reminder_sent_or_cancelled")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking_booking.id"], name=op.f("fk_booking_reminder_booking_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_reminder")),
        sa.UniqueConstraint(
            "booking_id",
            "channel",
            "kind",
            "booking_version",
            name=op.f("uq_booking_reminder_booking_id_channel_kind_booking_version"),
        ),
    )
    op.create_index(
        "ix_booking_reminder_due",
        "booking_reminder",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "booking_seat",
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("seat_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purchase_key", sa.UUID(), nullable=False),
        sa.Column("hold_id", sa.UUID(), nullable=True),
        sa.Column("booking_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "(state = 'HELD') = (hold_id IS NOT NULL) AND (state = 'HELD') = (expires_at IS NOT NULL) AND (state = 'TAKEN') = (booking_id IS NOT NULL)",
            name=op.f("ck_booking_seat_owner"),
        ),
        sa.CheckConstraint("state IN ('HELD', 'TAKEN')", name=op.f("ck_booking_seat_state")),
        sa.CheckConstraint("seat_no BETWEEN 1 AND capacity", name=op.f("ck_booking_seat_within_capacity")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking_booking.id"], name=op.f("fk_booking_seat_booking_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["hold_id", "expires_at"],
            ["booking_hold.id", "booking_hold.expires_at"],
            name=op.f("fk_booking_seat_hold_id_expires_at"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "capacity"],
            ["booking_session.id", "booking_session.capacity"],
            name=op.f("fk_booking_seat_session_id_capacity"),
            onupdate="CASCADE",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("session_id", "seat_no", name=op.f("pk_booking_seat")),
    )
    op.create_index(
        "ix_booking_seat_booking",
        "booking_seat",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index(
        "ix_booking_seat_hold",
        "booking_seat",
        ["hold_id"],
        unique=False,
        postgresql_where=sa.text("hold_id IS NOT NULL"),
    )
    op.execute(_APPEND_ONLY)
    for table in _LOGS:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION booking_append_only()"
        )
    op.execute(_AS_SOLD)
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _SOLD)
    op.execute(
        f"CREATE TRIGGER booking_booking_as_sold BEFORE UPDATE ON booking_booking"
        f" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION booking_as_sold()"
    )


def downgrade() -> None:
    op.drop_table("booking_seat")
    op.drop_table("booking_reminder")
    op.drop_table("booking_intake_answer")
    op.drop_table("booking_intake_access")
    op.drop_table("booking_event")
    op.drop_table("booking_entitlement_entry")
    op.drop_table("booking_allocation")
    op.drop_table("booking_role_resource")
    op.drop_table("booking_hold")
    op.drop_table("booking_booking")
    op.drop_table("booking_waitlist_entry")
    op.drop_table("booking_session")
    op.drop_table("booking_service_role")
    op.drop_table("booking_package_service")
    op.drop_table("booking_override_window")
    op.drop_table("booking_entitlement")
    op.drop_table("booking_weekly_window")
    op.drop_table("booking_time_off")
    op.drop_table("booking_service")
    op.drop_table("booking_package")
    op.drop_table("booking_override")
    op.drop_table("booking_calendar_feed")
    op.drop_table("booking_resource")
    op.drop_table("booking_holiday")
    op.drop_table("booking_location")
    op.drop_table("booking_intake_question")
    op.drop_table("booking_cancellation_tier")
    op.drop_table("booking_intake_form")
    op.drop_table("booking_cancellation_policy")
    op.execute("DROP FUNCTION booking_as_sold()")
    op.execute("DROP FUNCTION booking_append_only()")
    op.execute("DROP FUNCTION booking_busy(tstzrange, integer, integer)")
