"""PINs for the telephone, which until now made their table themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Where PINs were in use, the table is there already."""
    op.create_table(
        "phone_pins",
        sa.Column("trainee", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("trainee"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("number"),
        if_not_exists=True,
    )
