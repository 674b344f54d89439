"""The closed sets of words that the whole program shares: what is asked, done, decided, and at what grade."""

from __future__ import annotations

from typing import Literal, get_args

Topic = Literal[
    "emergency", "location", "location_detail", "name", "phone", "when", "ongoing", "injuries", "weapons",
    "people", "description", "direction", "vehicle", "relationship", "alcohol_drugs", "children",
    "vulnerability", "age", "safety", "property", "evidence", "history", "threats", "last_seen", "wishes",
]  # fmt: skip
"""What a question is about."""

Act = Literal[
    "greeting", "reassure", "advise", "readback", "repeat", "hold", "decide", "reference", "close", "silent",
    "promise", "dismiss",
]  # fmt: skip
"""What else a call handler does with an utterance."""

Decision = Literal["deploy", "resolve", "refer", "none"]
"""What will be done; `deploy refer` together is written as a tuple of two."""

Grade = Literal["emergency", "priority", "scheduled"]
"""How soon officers attend."""

Agency = Literal[
    "ambulance", "fire", "council", "animal_welfare", "environment", "highways", "trading_standards",
    "fraud_reporting", "health_advice", "samaritans", "coastguard", "utility", "housing", "other",
]  # fmt: skip
"""Who a caller is referred to."""

DetailKind = Literal[
    "phone", "postcode", "vehicle_registration", "address", "person_name", "time", "date_of_birth",
    "quantity", "description", "direction",
]  # fmt: skip
"""How a detail is written and compared."""

TOPICS: tuple[Topic, ...] = get_args(Topic)
ACTS: tuple[Act, ...] = get_args(Act)
DECISIONS: tuple[Decision, ...] = get_args(Decision)
GRADES: tuple[Grade, ...] = get_args(Grade)
AGENCIES: tuple[Agency, ...] = get_args(Agency)
DETAIL_KINDS: tuple[DetailKind, ...] = get_args(DetailKind)
