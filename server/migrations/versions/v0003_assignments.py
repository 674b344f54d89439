"""Groups, assignments with their examinations, and calls switched off by a trainer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _groups()
    _assignments()
    _tries()
    op.create_table(
        "switched_off",
        sa.Column("script_id", sa.String(length=60), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("script_id"),
    )


def _groups() -> None:
    op.create_table(
        "trainee_groups",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("group_id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("trainee", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["trainee_groups.group_id"]),
        sa.PrimaryKeyConstraint("group_id", "trainee"),
    )


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("deadline", sa.DateTime(), nullable=False),
        sa.Column("examination", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made", sa.DateTime(), nullable=False),
        sa.Column("withdrawn", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("assignment_id"),
    )
    op.create_table(
        "assignment_scripts",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("script_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.assignment_id"]),
        sa.PrimaryKeyConstraint("assignment_id", "place"),
    )
    op.create_table(
        "assignment_people",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("trainee", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.assignment_id"]),
        sa.PrimaryKeyConstraint("assignment_id", "trainee"),
    )
    op.create_index("ix_assignment_people_trainee", "assignment_people", ["trainee"])


def _tries() -> None:
    op.create_table(
        "examination_tries",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("script_id", sa.String(length=60), nullable=False),
        sa.Column("trainee", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.assignment_id"]),
        sa.PrimaryKeyConstraint("call_id"),
        sa.UniqueConstraint("assignment_id", "script_id", "trainee", "number"),
    )
    op.create_index("ix_examination_tries_assignment_id", "examination_tries", ["assignment_id"])
    op.create_index("ix_examination_tries_trainee", "examination_tries", ["trainee"])
