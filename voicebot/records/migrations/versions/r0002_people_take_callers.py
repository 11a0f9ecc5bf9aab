"""People take callers: transfers that outlive a restart, callbacks that are worked through, wrap-ups, who is free."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)
"""As `voicebot.records.schema.Instant` is kept."""


def upgrade() -> None:
    """Add the tables, and what callbacks and attempts have learnt; callbacks that are there stay open."""
    _attempts()
    _callbacks()
    _live_transfers()
    _wrap_ups()
    op.create_table(
        "agent_statuses",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_agent_statuses"),
    )


def _attempts() -> None:
    for column in (
        sa.Column("department", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
    ):
        op.add_column("transfer_attempts", column)


def _callbacks() -> None:
    for column in (
        sa.Column("kind", sa.Text(), server_default="callback", nullable=False),
        sa.Column("wanted_until", INSTANT, nullable=True),
        sa.Column("taken_by", sa.Text(), server_default="", nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("callbacks", column)
    op.create_index("ix_callbacks_status_deadline", "callbacks", ["status", "deadline"], unique=False)


def _live_transfers() -> None:
    op.create_table(
        "live_transfers",
        sa.Column("transfer_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("caller_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.Text(), server_default="", nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_live_transfers_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"], name="fk_live_transfers_caller_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_live_transfers"),
    )
    op.create_index("ix_live_transfers_at", "live_transfers", ["at"], unique=False)
    op.create_index("ix_live_transfers_caller_id", "live_transfers", ["caller_id"], unique=False)
    op.create_index("ix_live_transfers_conversation_id", "live_transfers", ["conversation_id"], unique=False)


def _wrap_ups() -> None:
    op.create_table(
        "wrap_ups",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("transfer_id", sa.String(length=32), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("brief_right", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_wrap_ups_conversation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name="fk_wrap_ups_transfer_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_wrap_ups"),
    )
    op.create_index("ix_wrap_ups_at", "wrap_ups", ["at"], unique=False)
    op.create_index("ix_wrap_ups_transfer_id", "wrap_ups", ["transfer_id"], unique=False)
