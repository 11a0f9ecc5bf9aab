"""The first tables."""

from alembic import op

from voicebot.records.access_triggers import protect
from voicebot.records.schema import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    metadata.create_all(op.get_bind())
    protect(op.get_bind())
