"""Who may do what: one table, every route of the pages in it. What is not in the table, nobody may do.

A route's dependency `authorised` finds its row by method and path. `owner` asks that the call named in the path is
the visitor's own, unless the visitor has one of the roles in `beyond`. Who practises on this machine without
accounts is a `trainee` whose calls are all there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.accounts import ROLES, Role, Session

EVERYBODY: frozenset[Role] = frozenset(ROLES)
REVIEWERS: frozenset[Role] = frozenset({"assessor", "trainer", "administrator"})
ASSESSORS: frozenset[Role] = frozenset({"assessor"})
ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})
TRAINERS: frozenset[Role] = frozenset({"trainer", "administrator"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Which roles may use a route; `anyone` even without signing in, `guests` also without an account."""

    roles: frozenset[Role] = EVERYBODY
    anyone: bool = False
    guests: bool = True
    owner: bool = False
    beyond: frozenset[Role] = frozenset()
    sealed: bool = False
    """Whether it shows nothing of an examination's result, and is open to its trainee before that is out."""


ANYONE = Rule(anyone=True)
SIGNED_IN = Rule()
WITH_ACCOUNT = Rule(guests=False)
OWN_CALL = Rule(owner=True, sealed=True)
SEE_CALL = Rule(owner=True, beyond=REVIEWERS)
ADMINISTER = Rule(roles=ADMINISTRATORS, guests=False)
ASSESS = Rule(roles=ASSESSORS, guests=False)
REVIEW_CALL = Rule(roles=ASSESSORS, guests=False, owner=True, beyond=ASSESSORS)
"""That nobody reviews a call of their own, the page sees to."""
COMPARE = Rule(roles=REVIEWERS, guests=False)
CALIBRATE = Rule(roles=frozenset({"assessor", "trainer"}), guests=False)
"""That only those see a session who take part in it, the page sees to."""
DISPUTE = Rule(owner=True, guests=False)
TRAIN = Rule(roles=TRAINERS, guests=False)
DEBRIEF = Rule(owner=True, beyond=REVIEWERS, sealed=True)
"""The page itself says when the result comes."""

RULES: dict[str, Rule] = {
    "GET /": SIGNED_IN,
    "GET /welcome": ANYONE,
    "POST /practise": ANYONE,
    "GET /setup": ANYONE,
    "POST /setup": ANYONE,
    "GET /sign-in": ANYONE,
    "POST /sign-in": ANYONE,
    "POST /sign-out": SIGNED_IN,
    "GET /account": WITH_ACCOUNT,
    "POST /account/password": WITH_ACCOUNT,
    "GET /accounts": ADMINISTER,
    "POST /accounts": ADMINISTER,
    "POST /accounts/{name}": ADMINISTER,
    "POST /calls": SIGNED_IN,
    "GET /calls": SIGNED_IN,
    "GET /calls.csv": SIGNED_IN,
    "GET /openapi.json": SIGNED_IN,
    "GET /calls/{call_id}/console": OWN_CALL,
    "WEBSOCKET /calls/{call_id}/line": OWN_CALL,
    "GET /calls/{call_id}": DEBRIEF,
    "GET /calls/{call_id}/timeline": SEE_CALL,
    "GET /calls/{call_id}/recording": SEE_CALL,
    "GET /calls/{call_id}/print": SEE_CALL,
    "GET /calls/{call_id}/marksheet.pdf": SEE_CALL,
    "GET /quick": SIGNED_IN,
    "GET /quick/{seed}": SIGNED_IN,
    "POST /quick/rounds": SIGNED_IN,
    "GET /quick/rounds/{round_id}": SIGNED_IN,
    "POST /quick/rounds/{round_id}/calls/{place}/ring": SIGNED_IN,
    "POST /quick/rounds/{round_id}/calls/{place}/answer": SIGNED_IN,
    "WEBSOCKET /quick/rounds/{round_id}/calls/{place}/voice": SIGNED_IN,
    "GET /shift": SIGNED_IN,
    "POST /shift": SIGNED_IN,
    "GET /shift/{shift_id}": SEE_CALL,
    "WEBSOCKET /shift/{shift_id}/line": OWN_CALL,
    "GET /queue": ASSESS,
    "GET /queue/next": ASSESS,
    "GET /review/{call_id}": REVIEW_CALL,
    "POST /review/{call_id}/decisions": REVIEW_CALL,
    "POST /review/{call_id}/rest": REVIEW_CALL,
    "POST /review/{call_id}/undo": REVIEW_CALL,
    "POST /review/{call_id}/turns": REVIEW_CALL,
    "POST /review/{call_id}/comments": REVIEW_CALL,
    "POST /review/{call_id}/sign": REVIEW_CALL,
    "POST /review/{call_id}/second": REVIEW_CALL,
    "POST /review/{call_id}/dispute": REVIEW_CALL,
    "POST /calls/{call_id}/dispute": DISPUTE,
    "GET /audit": ADMINISTER,
    "GET /data": ADMINISTER,
    "POST /data/retention": ADMINISTER,
    "GET /data/trainee": ADMINISTER,
    "POST /data/export": ADMINISTER,
    "POST /data/erase": ADMINISTER,
    "GET /record-store": ADMINISTER,
    "POST /record-store/again": ADMINISTER,
    "GET /calibrations": CALIBRATE,
    "POST /calibrations": CALIBRATE,
    "GET /calibrations/{calibration_id}": CALIBRATE,
    "POST /calibrations/{calibration_id}/close": CALIBRATE,
    "GET /calibrations/{calibration_id}/calls/{call_id}": CALIBRATE,
    "POST /calibrations/{calibration_id}/calls/{call_id}/decisions": CALIBRATE,
    "POST /calibrations/{calibration_id}/calls/{call_id}/undo": CALIBRATE,
    "POST /calibrations/{calibration_id}/calls/{call_id}/sign": CALIBRATE,
    "POST /calibrations/{calibration_id}/calls/{call_id}/notes": CALIBRATE,
    "GET /agreement": COMPARE,
    "GET /agreement.csv": COMPARE,
    "GET /assignments": TRAIN,
    "POST /assignments": TRAIN,
    "GET /assignments/{assignment_id}": TRAIN,
    "POST /assignments/{assignment_id}/deadline": TRAIN,
    "POST /assignments/{assignment_id}/withdraw": TRAIN,
    "POST /assignments/{assignment_id}/people": TRAIN,
    "POST /assignments/{assignment_id}/another-try": TRAIN,
    "POST /assignments/{assignment_id}/take": WITH_ACCOUNT,
    "GET /shelf": TRAIN,
    "POST /shelf": TRAIN,
    "GET /shelf/new": TRAIN,
    "POST /shelf/new": TRAIN,
    "GET /shelf/{name}": TRAIN,
    "GET /shelf/{name}/check": TRAIN,
    "POST /shelf/{name}/rehearsal": TRAIN,
    "GET /pins": TRAIN,
    "POST /pins": TRAIN,
    "POST /pins/number": TRAIN,
    "POST /pins/remove": TRAIN,
    "POST /pins/belongs": TRAIN,
    "POST /account/pin": WITH_ACCOUNT,
    "GET /board": COMPARE,
    "GET /board/events": COMPARE,
    "WEBSOCKET /board/{call_id}/listen": COMPARE,
    "GET /groups": TRAIN,
    "POST /groups": TRAIN,
    "POST /groups/{group_id}": TRAIN,
    "POST /groups/{group_id}/remove": TRAIN,
    "POST /phone/calls": TRAIN,
    "GET /phone/calls/{sid}": TRAIN,
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks. `name` is the `trainee` of their calls."""

    session: Session | None
    name: str
    full_name: str
    roles: frozenset[Role]

    @property
    def guest(self) -> bool:
        """Whether they practise on this machine without an account."""
        return self.session is not None and self.session.account is None

    def owns(self, trainee: str) -> bool:
        """Whether a call stored under that name is theirs. A guest is alone on the machine: all calls are."""
        return self.guest or (bool(self.name) and trainee == self.name)


NOBODY = Visitor(None, "", "", frozenset())


def visitor_of(session: Session | None, guest_name: str) -> Visitor:
    """Who holds that session."""
    if session is None:
        return NOBODY
    if session.account is None:
        return Visitor(session, guest_name, "", frozenset({"trainee"}))
    account = session.account
    return Visitor(session, account.name, account.full_name, account.roles)


def allowed(rule: Rule | None, visitor: Visitor) -> bool:
    """Whether the visitor may use a route with that rule, ownership aside."""
    if rule is None:
        return False
    if rule.anyone:
        return True
    if visitor.session is None or (visitor.guest and not rule.guests):
        return False
    return bool(rule.roles & visitor.roles)


def may_see(rule: Rule, visitor: Visitor, trainee: str) -> bool:
    """Whether the visitor may use that route on a call of `trainee`."""
    return not rule.owner or visitor.owns(trainee) or bool(rule.beyond & visitor.roles)


def rule_for(method: str, path: str, rules: Mapping[str, Rule] = RULES) -> Rule | None:
    """The rule of a route by its method (`WEBSOCKET` for a socket) and the path it was declared with."""
    return rules.get(f"{'GET' if method == 'HEAD' else method} {path}")
