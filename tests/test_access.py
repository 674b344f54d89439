from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus

from server.access import NOBODY, RULES, Rule, allowed, may_see, rule_for, visitor_of
from server.accounts import ROLES, Account, Session
from server.web import ROUTERS
from shifting import SHIFT, store_shift
from training_room import CALL, PASSWORD, Room, room, store_call

if TYPE_CHECKING:
    import httpx

VISITORS = [*ROLES, "other", "nobody"]
"""Every role (the trainee owns the stored call), another trainee, and somebody who is not signed in."""


def declared() -> Iterator[str]:
    """Every route of the pages, as the table names it."""
    for module in ROUTERS:
        for route in module.router().routes:
            if isinstance(route, APIWebSocketRoute):
                yield f"WEBSOCKET {route.path}"
            elif isinstance(route, APIRoute):
                yield from (f"{method} {route.path}" for method in sorted(route.methods or ()))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), *ROLES, "other") as made:
        store_call(made.web, "trainee")
        store_shift(made.web, "trainee")
        yield made


@pytest.fixture(scope="module")
def browsers(site: Room) -> dict[str, httpx.Client]:
    return {name: site.browser() if name == "nobody" else site.signed_in(name) for name in VISITORS}


def test_the_table_and_the_routes_are_the_same() -> None:
    assert sorted(declared()) == sorted(RULES)


def may(rule: Rule, visitor: str) -> bool:
    """What the table says, said once more and more simply."""
    if rule.anyone:
        return True
    if visitor == "nobody":
        return False
    role = "trainee" if visitor == "other" else visitor
    return role in rule.roles and (not rule.owner or visitor == "trainee" or role in rule.beyond)


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("route", sorted(RULES))
def test_every_route_lets_in_those_whom_the_table_names_and_nobody_else(
    route: str, visitor: str, site: Room, browsers: dict[str, httpx.Client]
) -> None:
    method, _, path = route.partition(" ")
    browser = browsers[visitor]
    path = path.replace("{call_id}", CALL).replace("{shift_id}", SHIFT).replace("{name}", "nobody-of-that-name")
    path = path.replace("{place}", "0").replace("{seed}", "7")
    path = re.sub(r"\{\w+_id\}", "1", path)  # there is none of that number
    wanted = may(RULES[route], visitor)
    if method == "WEBSOCKET":
        assert socket_opens(site, browser, path) is wanted
        return
    answer = browser.request(method, path, data={"csrf": "wrong: nothing is to change"} if method == "POST" else None)
    assert refused(answer) is not wanted, answer.text


def refused(answer: httpx.Response) -> bool:
    """Whether the table kept this visitor out, whatever else may be wrong with the request."""
    if answer.status_code == 303:
        return answer.headers["location"].startswith("/sign-in?next=")
    said = ("Sign in first", "Your account may not do this", "There is no such call, or it is not yours")
    return answer.status_code in (401, 403, 404) and any(words in answer.text for words in said)


def socket_opens(site: Room, browser: httpx.Client, path: str) -> bool:
    """Whether the door opens: the call itself is over, so that the socket then says that (4410)."""
    try:
        with site.socket(browser, path) as socket, pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    except InvalidStatus:
        return False
    return closed.value.rcvd is not None and closed.value.rcvd.code == 4410


def test_a_route_that_is_not_in_the_table_is_nobodys() -> None:
    boss = visitor_of(Session("t", "c", Account(1, "boss", "Boss", frozenset(ROLES))), "")
    assert rule_for("GET", "/secret") is None
    assert not allowed(None, boss)
    assert rule_for("HEAD", "/calls") is RULES["GET /calls"]


def test_ownership_is_by_name_and_nobody_owns_the_calls_without_one() -> None:
    rule = RULES["GET /calls/{call_id}"]
    guest = visitor_of(Session("t", "c", None), "")
    ann = visitor_of(Session("t", "c", Account(1, "ann", "Ann", frozenset({"trainee"}))), "")
    assert not may_see(rule, NOBODY, "")
    assert may_see(rule, ann, "ann")
    assert not may_see(rule, ann, "")
    assert may_see(rule, guest, "")
    assert may_see(rule, guest, "demo: expert")


def test_no_call_tells_those_who_may_not_see_it_that_it_exists(browsers: dict[str, httpx.Client]) -> None:
    mine, none = (browsers["other"].get(f"/calls/{call}") for call in (CALL, "20261121-101500-zzzz"))
    assert (mine.status_code, none.status_code) == (404, 404)
    assert mine.text == none.text


@pytest.mark.parametrize("call", ["..%2F..%2Fetc", "x", "20261121-101500-ABCD", "%00", "é", "a" * 3000])
def test_forged_call_ids_lead_nowhere(call: str, browsers: dict[str, httpx.Client]) -> None:
    for browser in (browsers["trainee"], browsers["administrator"]):
        for part in ("", "/recording", "/timeline"):
            assert browser.get(f"/calls/{call}{part}").status_code == 404


def test_hearing_a_recording_is_noted_with_who_and_what(site: Room, browsers: dict[str, httpx.Client]) -> None:
    from sqlalchemy import select

    from server.schema import audit

    answer = browsers["assessor"].get(f"/calls/{CALL}/recording", headers={"range": "bytes=0-99"})
    assert (answer.status_code, len(answer.content)) == (206, 100)
    assert answer.content.startswith(b"RIFF")
    assert browsers["assessor"].get(f"/calls/{CALL}/recording", headers={"range": "bytes=100-"}).status_code == 206
    with site.web.records.reading() as connection:
        heard = connection.execute(select(audit.c.who, audit.c.what).where(audit.c.did == "heard a recording")).all()
    assert [tuple(row) for row in heard].count(("assessor", CALL)) == 1


def test_a_closed_account_is_out_at_once(tmp_path: Path) -> None:
    with room(tmp_path, "administrator", "ann") as site:
        ann = site.signed_in("ann")
        assert ann.get("/").status_code == 200
        site.web.accounts.change("ann", active=False)
        assert ann.get("/").status_code == 303
        assert ann.post("/sign-in", data={"name": "ann", "password": PASSWORD}).status_code == 401
