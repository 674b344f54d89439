"""Statements are taken in the order of their making: an index for that, instead of one by when they are due."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_xapi_statements_state_due", "xapi_statements")
    op.create_index("ix_xapi_statements_state_made", "xapi_statements", ["state", "made"])
