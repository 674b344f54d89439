"""The database's tables. Whoever changes them adds a step to `server.migrations` that does the same to a database."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

tables = MetaData()

calls = Table(
    "calls",
    tables,
    Column("call_id", String(32), primary_key=True),
    Column("script_id", String(60), nullable=False, index=True),
    Column("script_version", Integer, nullable=False),
    Column("title", String(120), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("handset", String(20), nullable=False),
    Column("trainee", String(120), nullable=False, index=True),
    Column("started", DateTime, nullable=False, index=True),
    Column("ended", DateTime),
    Column("seconds", Float),
    Column("state", String(20), nullable=False),
    Column("ended_by", String(20)),
    Column("score", Float),
    Column("outcome", String(20)),
    Column("rating", String(20)),
)
"""Times are UTC without a zone, as every database has them."""

calls_of_trainee = Index("ix_calls_trainee_started", calls.c.trainee, calls.c.started)
"""A desk asks for somebody's newest calls."""

marked_calls = Index(
    "ix_calls_marked", calls.c.started, sqlite_where=calls.c.score.is_not(None),
    postgresql_where=calls.c.score.is_not(None),
)  # fmt: skip
"""Whether any call waits to be drawn from is asked with every look at the queue."""

accounts = Table(
    "accounts",
    tables,
    Column("account_id", Integer, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("full_name", String(120), nullable=False),
    Column("password", String(200), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", DateTime),
    Column("created", DateTime, nullable=False),
)
"""`name` is what one signs in with, and the `trainee` of that person's calls; `roles` are words."""

sessions = Table(
    "sessions",
    tables,
    Column("token", String(64), primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.account_id"), index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", DateTime, nullable=False),
    Column("seen", DateTime, nullable=False),
)
"""`token` is the hash of what the browser holds; without an account, whoever practises on this machine."""

audit = Table(
    "audit",
    tables,
    Column("entry_id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("who", String(60), nullable=False),
    Column("did", String(40), nullable=False),
    Column("what", Text, nullable=False),
)
"""Who did what: sign-ins, accounts, recordings heard. Rows are added, never changed."""

review_queue = Table(
    "review_queue",
    tables,
    Column("call_id", String(32), ForeignKey("calls.call_id"), primary_key=True),
    Column("unsure", Integer, nullable=False),
    Column("sampled", Boolean, nullable=False, index=True),
    Column("second_by", String(60)),
    Column("second_at", DateTime, index=True),
    Index("ix_review_queue_unsure_call", "unsure", "call_id"),
)
"""Every marked call once it was considered for review; `second_*` where somebody asked for a blind second mark."""

reviews = Table(
    "reviews",
    tables,
    Column("review_id", Integer, primary_key=True),
    Column("call_id", String(32), ForeignKey("calls.call_id"), nullable=False),
    Column("assessor", String(60), nullable=False, index=True),
    Column("blind", Boolean, nullable=False),
    Column("began", DateTime, nullable=False),
    Column("signed", DateTime, index=True),
    Column("score", Float),
    Column("outcome", String(20)),
    Column("rule_score", Float),
    UniqueConstraint("call_id", "assessor"),
)
"""One assessor's mark of one call. It is final once `signed`; the one that is not `blind` is the mark of record."""

review_decisions = Table(
    "review_decisions",
    tables,
    Column("decision_id", Integer, primary_key=True),
    Column("review_id", Integer, ForeignKey("reviews.review_id"), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("criterion", String(60), nullable=False),
    Column("result", String(20), nullable=False),
    Column("points", Float, nullable=False),
    Column("seen", String(40), nullable=False),
    Column("reason", Text, nullable=False),
)
"""What an assessor pressed, in order; rows are added, never changed. `seen` is the rule's verdict at that moment."""

review_comments = Table(
    "review_comments",
    tables,
    Column("comment_id", Integer, primary_key=True),
    Column("review_id", Integer, ForeignKey("reviews.review_id"), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("moment", Float, nullable=False),
    Column("text", Text, nullable=False),
)
"""`moment` is in seconds since the answer, as in the call's log."""

review_turns = Table(
    "review_turns",
    tables,
    Column("turn_id", Integer, primary_key=True),
    Column("review_id", Integer, ForeignKey("reviews.review_id"), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("moment", Float, nullable=False),
    Column("heard", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("marksheet", Text, nullable=False),
)
"""Corrected turns: what the recogniser `heard`, what was truly said, and the marksheet that follows (JSON)."""

review_verdicts = Table(
    "review_verdicts",
    tables,
    Column("review_id", Integer, ForeignKey("reviews.review_id"), primary_key=True),
    Column("criterion", String(60), primary_key=True),
    Column("call_id", String(32), nullable=False, index=True),
    Column("script_id", String(60), nullable=False),
    Column("title", String(120), nullable=False),
    Column("signed", DateTime, nullable=False, index=True),
    Column("rule_result", String(20), nullable=False),
    Column("result", String(20), nullable=False),
)
"""The verdicts of signed reviews beside those that the rules first gave, for measuring agreement."""

quick_rounds = Table(
    "quick_rounds",
    tables,
    Column("round_id", String(32), primary_key=True),
    Column("trainee", String(120), nullable=False, index=True),
    Column("seed", Integer, nullable=False),
    Column("handset", String(20), nullable=False),
    Column("began", DateTime, nullable=False),
    Column("ended", DateTime),
    Column("counts", Boolean, nullable=False),
    Column("score", Integer, nullable=False),
    Column("right_answers", Integer, nullable=False),
    Column("best_streak", Integer, nullable=False),
)
"""Rounds of quick calls by trainees with a name. `counts`: these ten were new to the trainee; a repeat is no feat."""

trainee_groups = Table(
    "trainee_groups",
    tables,
    Column("group_id", Integer, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
)
"""A course, a shift, a site: whoever is assigned the same calls."""

group_members = Table(
    "group_members",
    tables,
    Column("group_id", Integer, ForeignKey("trainee_groups.group_id"), primary_key=True),
    Column("trainee", String(60), primary_key=True),
)

assignments = Table(
    "assignments",
    tables,
    Column("assignment_id", Integer, primary_key=True),
    Column("title", String(120), nullable=False),
    Column("deadline", DateTime, nullable=False),
    Column("examination", Boolean, nullable=False),
    Column("seed", Integer),
    Column("made_by", String(60), nullable=False),
    Column("made", DateTime, nullable=False),
    Column("withdrawn", DateTime),
)
"""Calls that a trainer has given to trainees; without `seed` the details are drawn anew for each call."""

assignment_scripts = Table(
    "assignment_scripts",
    tables,
    Column("assignment_id", Integer, ForeignKey("assignments.assignment_id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("script_id", String(60), nullable=False),
)

assignment_people = Table(
    "assignment_people",
    tables,
    Column("assignment_id", Integer, ForeignKey("assignments.assignment_id"), primary_key=True),
    Column("trainee", String(60), primary_key=True, index=True),
)

examination_tries = Table(
    "examination_tries",
    tables,
    Column("call_id", String(32), primary_key=True),
    Column("assignment_id", Integer, ForeignKey("assignments.assignment_id"), nullable=False, index=True),
    Column("script_id", String(60), nullable=False),
    Column("trainee", String(60), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("void", Boolean, nullable=False),
    UniqueConstraint("assignment_id", "script_id", "trainee", "number"),
)
"""Calls of examinations, noted before they ring; `void` where a trainer allowed another try instead."""

switched_off = Table(
    "switched_off",
    tables,
    Column("script_id", String(60), primary_key=True),
    Column("who", String(60), nullable=False),
    Column("at", DateTime, nullable=False),
)
"""Calls that a trainer took off this site's shelf, beside those that the settings hide."""

pins = Table(
    "phone_pins",
    tables,
    Column("trainee", String(120), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("number", String(16), unique=True),
)
"""Who may train by telephone. The PIN itself is nowhere: `server.pins` says how it is hashed."""

from server import schema_assessing  # noqa: E402, F401 - its tables belong to the same whole
