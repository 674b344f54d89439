"""Indexes that keep the assessors' queue quick on a site with years of calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    marked = sa.text("score IS NOT NULL")
    op.create_index("ix_calls_marked", "calls", ["started"], sqlite_where=marked, postgresql_where=marked)
    op.create_index("ix_review_queue_unsure_call", "review_queue", ["unsure", "call_id"])
    op.drop_index("ix_review_queue_unsure", "review_queue")
