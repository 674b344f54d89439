from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.accounts import FAILURES_ALLOWED, IDLE_AFTER, LOCKED_FOR, SESSION_LASTS, AccountError, Accounts
from server.call_files import CallFiles
from server.records import Records
from stored import everything

GOOD = "a long enough password"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def accounts(database: str, tmp_path: Path) -> Iterator[Accounts]:
    with Records(database, CallFiles(tmp_path / "calls")) as records:
        yield Accounts(records)


def wrongly(accounts: Accounts, times: int, now: datetime = NOW) -> None:
    for _ in range(times):
        with pytest.raises(AccountError, match="name or the password is wrong"):
            accounts.check("ann", "not this password", now)


def test_whoever_knows_the_password_is_let_in_and_the_database_does_not_know_it(
    accounts: Accounts, database: str
) -> None:
    assert not accounts.exist()
    accounts.add(" Ann ", "Ann  Other", GOOD, ["assessor", "trainee"])
    found = accounts.check("ANN", GOOD)
    assert (found.name, found.full_name, sorted(found.roles)) == ("ann", "Ann Other", ["assessor", "trainee"])
    assert accounts.exist()
    stored = everything(database)
    assert GOOD not in stored
    assert "$argon2id$" in stored


@pytest.mark.parametrize(
    ("name", "password", "roles", "said"),
    [
        ("x", GOOD, ["trainee"], "2 to 60 letters"),
        ("ann/../../x", GOOD, ["trainee"], "2 to 60 letters"),
        ("ann", "short", ["trainee"], "10 to 200 characters"),
        ("ann", "x" * 201, ["trainee"], "10 to 200 characters"),
        ("ann", GOOD, ["king"], "no role king"),
        ("ann", GOOD, [], "no role"),
    ],
)
def test_what_cannot_be_an_account_is_explained(
    name: str, password: str, roles: list[str], said: str, accounts: Accounts
) -> None:
    with pytest.raises(AccountError, match=said):
        accounts.add(name, "", password, roles)
    assert not accounts.exist()


def test_a_name_is_taken_once(accounts: Accounts) -> None:
    accounts.add("ann", "", GOOD, ["trainee"])
    with pytest.raises(AccountError, match="account ann already"):
        accounts.add("ANN", "", GOOD, ["trainee"])


def test_too_many_wrong_passwords_lock_the_account_for_a_while_even_for_the_right_one(accounts: Accounts) -> None:
    accounts.add("ann", "", GOOD, ["trainee"])
    wrongly(accounts, FAILURES_ALLOWED)
    with pytest.raises(AccountError, match="locked"):
        accounts.check("ann", GOOD, NOW + LOCKED_FOR - timedelta(seconds=1))
    assert accounts.check("ann", GOOD, NOW + LOCKED_FOR + timedelta(seconds=1)).name == "ann"


def test_a_right_password_forgives_the_wrong_ones_before(accounts: Accounts) -> None:
    accounts.add("ann", "", GOOD, ["trainee"])
    for _ in range(2):
        wrongly(accounts, FAILURES_ALLOWED - 1)
        accounts.check("ann", GOOD, NOW)


def test_a_name_that_there_is_not_is_refused_in_the_same_words(accounts: Accounts) -> None:
    wrongly(accounts, FAILURES_ALLOWED + 1)


def test_a_session_lasts_a_shift_and_ends_when_idle_or_closed(accounts: Accounts) -> None:
    account = accounts.add("ann", "", GOOD, ["trainee"])
    session = accounts.open_session(account, NOW)
    assert accounts.session(session.token, NOW + IDLE_AFTER / 2) == session
    assert accounts.session(session.token, NOW + IDLE_AFTER * 1.4) == session, "it was used meanwhile"
    assert accounts.session(session.token, NOW + IDLE_AFTER * 2.5) is None
    assert accounts.session(session.token, NOW + SESSION_LASTS) is None
    assert accounts.session(session.token, NOW - timedelta(hours=3)) is None, "a clock that jumped back"
    assert accounts.session("forged", NOW) is None
    accounts.close_session(session.token)
    assert accounts.session(session.token, NOW) is None


def test_a_changed_password_or_role_ends_the_sessions(accounts: Accounts) -> None:
    accounts.add("boss", "", GOOD, ["administrator"])
    account = accounts.add("ann", "", GOOD, ["trainee"])
    for change in (
        lambda: accounts.set_password("ann", "another good password"),
        lambda: accounts.change("ann", roles=["assessor"]),
    ):
        session = accounts.open_session(account)
        change()
        assert accounts.session(session.token) is None
    assert accounts.check("ann", "another good password").roles == {"assessor"}


def test_somebody_must_remain_who_may_administer(accounts: Accounts) -> None:
    accounts.add("boss", "", GOOD, ["administrator"])
    accounts.add("ann", "", GOOD, ["trainee"])
    with pytest.raises(AccountError, match="must remain"):
        accounts.change("boss", roles=["trainee"])
    with pytest.raises(AccountError, match="must remain"):
        accounts.change("boss", active=False)
    accounts.change("ann", roles=["administrator"])
    accounts.change("boss", active=False)
    assert [one.active for one in accounts.all()] == [True, False]


def test_the_session_in_the_database_opens_no_session(accounts: Accounts, database: str) -> None:
    session = accounts.open_session(None)
    stored = everything(database)
    assert session.csrf in stored
    assert session.token not in stored
    assert accounts.session(session.token) is not None
