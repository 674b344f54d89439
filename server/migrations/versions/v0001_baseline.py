"""The tables of the first version, and whatever of them a database made before this step still lacks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Databases of before kept their own list of steps in `meta`, and may have taken any number of them."""
    _calls()
    _accounts()
    _reviews()
    _what_assessors_said()
    op.drop_table("meta", if_exists=True)


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("script_id", sa.String(length=60), nullable=False),
        sa.Column("script_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("handset", sa.String(length=20), nullable=False),
        sa.Column("trainee", sa.String(length=120), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ended_by", sa.String(length=20), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("rating", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("call_id"),
        if_not_exists=True,
    )
    op.create_index("ix_calls_script_id", "calls", ["script_id"], if_not_exists=True)
    op.create_index("ix_calls_started", "calls", ["started"], if_not_exists=True)
    op.create_index("ix_calls_trainee", "calls", ["trainee"], if_not_exists=True)
    op.create_index("ix_calls_trainee_started", "calls", ["trainee", "started"], if_not_exists=True)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("name"),
        if_not_exists=True,
    )
    op.create_table(
        "audit",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("did", sa.String(length=40), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id"),
        if_not_exists=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"], if_not_exists=True)
    op.create_table(
        "sessions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("seen", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.PrimaryKeyConstraint("token"),
        if_not_exists=True,
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"], if_not_exists=True)


def _reviews() -> None:
    op.create_table(
        "review_queue",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("second_by", sa.String(length=60), nullable=True),
        sa.Column("second_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("call_id"),
        if_not_exists=True,
    )
    op.create_index("ix_review_queue_sampled", "review_queue", ["sampled"], if_not_exists=True)
    op.create_index("ix_review_queue_second_at", "review_queue", ["second_at"], if_not_exists=True)
    op.create_index("ix_review_queue_unsure", "review_queue", ["unsure"], if_not_exists=True)
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("assessor", sa.String(length=60), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("began", sa.DateTime(), nullable=False),
        sa.Column("signed", sa.DateTime(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("rule_score", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("review_id"),
        sa.UniqueConstraint("call_id", "assessor"),
        if_not_exists=True,
    )
    op.create_index("ix_reviews_assessor", "reviews", ["assessor"], if_not_exists=True)
    op.create_index("ix_reviews_signed", "reviews", ["signed"], if_not_exists=True)


def _what_assessors_said() -> None:
    op.create_table(
        "review_comments",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("moment", sa.Float(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"]),
        sa.PrimaryKeyConstraint("comment_id"),
        if_not_exists=True,
    )
    op.create_index("ix_review_comments_review_id", "review_comments", ["review_id"], if_not_exists=True)
    op.create_table(
        "review_decisions",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("seen", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"]),
        sa.PrimaryKeyConstraint("decision_id"),
        if_not_exists=True,
    )
    op.create_index("ix_review_decisions_review_id", "review_decisions", ["review_id"], if_not_exists=True)
    op.create_table(
        "review_turns",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("moment", sa.Float(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("marksheet", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"]),
        sa.PrimaryKeyConstraint("turn_id"),
        if_not_exists=True,
    )
    op.create_index("ix_review_turns_review_id", "review_turns", ["review_id"], if_not_exists=True)
    op.create_table(
        "review_verdicts",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("script_id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("signed", sa.DateTime(), nullable=False),
        sa.Column("rule_result", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.review_id"]),
        sa.PrimaryKeyConstraint("review_id", "criterion"),
        if_not_exists=True,
    )
    op.create_index("ix_review_verdicts_call_id", "review_verdicts", ["call_id"], if_not_exists=True)
    op.create_index("ix_review_verdicts_signed", "review_verdicts", ["signed"], if_not_exists=True)
