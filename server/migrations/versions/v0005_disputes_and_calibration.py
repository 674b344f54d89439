"""Tables for disputes, for calibration, and for what is sent to a learning record store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _disputes()
    _calibrations()
    _calibration_marks()
    _statements()


def _disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("trainee", sa.String(length=120), nullable=False),
        sa.Column("asked", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("was", sa.String(length=20), nullable=False),
        sa.Column("assessor", sa.String(length=60), nullable=True),
        sa.Column("answered", sa.DateTime(), nullable=True),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.create_index("ix_disputes_answered", "disputes", ["answered"])
    op.create_index("ix_disputes_asked", "disputes", ["asked"])


def _calibrations() -> None:
    op.create_table(
        "calibrations",
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("opened", sa.DateTime(), nullable=False),
        sa.Column("closed", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("calibration_id"),
    )
    op.create_table(
        "calibration_calls",
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["calibration_id"], ["calibrations.calibration_id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("calibration_id", "call_id"),
    )
    op.create_index("ix_calibration_calls_call_id", "calibration_calls", ["call_id"])
    op.create_table(
        "calibration_markers",
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("marker", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["calibration_id"], ["calibrations.calibration_id"]),
        sa.PrimaryKeyConstraint("calibration_id", "marker"),
    )
    op.create_index("ix_calibration_markers_marker", "calibration_markers", ["marker"])


def _calibration_marks() -> None:
    op.create_table(
        "calibration_decisions",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("marker", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("seen", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["calibration_id"], ["calibrations.calibration_id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("ix_calibration_decisions_of", "calibration_decisions", ["calibration_id", "call_id", "marker"])
    op.create_table(
        "calibration_signatures",
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("marker", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["calibration_id"], ["calibrations.calibration_id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("calibration_id", "call_id", "marker"),
    )
    op.create_table(
        "calibration_notes",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["calibration_id"], ["calibrations.calibration_id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("note_id"),
    )
    op.create_index("ix_calibration_notes_of", "calibration_notes", ["calibration_id", "call_id"])


def _statements() -> None:
    op.create_table(
        "xapi_statements",
        sa.Column("statement_id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("sent", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("statement_id"),
    )
    op.create_index("ix_xapi_statements_call_id", "xapi_statements", ["call_id"])
    op.create_index("ix_xapi_statements_state_due", "xapi_statements", ["state", "due"])
