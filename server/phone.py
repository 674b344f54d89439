"""The telephone line: Twilio's webhooks and its media socket.

Nothing is looked up, remembered or answered before Twilio's signature has been checked. A call is let in by PIN (or
by a number that the trainee registered), told to connect, and served by the reception on one socket until it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response

from server import phone_media, twiml
from server.engines import Busy
from server.phone_calls import CALL_SID, ENDED, MOST_TRIES, Grant, PhoneCalls, Visit
from server.phone_problems import Problem, line_problems
from server.phone_signature import Refused, load_validator, signed_form
from server.pins import PIN, PinBook, PinError
from server.site import Site

log = logging.getLogger(__name__)
Form = dict[str, str]
Found = TypeVar("Found")
MOST_STATUS = 20
"""Letters of a call's status: "in-progress" is the longest."""
SEED = re.compile(r"[1-9]\d{0,3}", re.ASCII)


@dataclass
class Phone:
    """One server's telephone line."""

    site: Site
    clock: Callable[[], float] = time.monotonic
    calls: PhoneCalls = field(default_factory=PhoneCalls)
    rest: str = ""
    """Where Twilio's REST interface is, if not at Twilio's."""
    _pins: PinBook | None = None
    _desk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="webhook"))
    """A webhook's own threads: on those that all share it would wait behind the marking of calls."""

    @property
    def origin(self) -> str:
        return self.site.settings.public_origin

    async def pins(self) -> PinBook:
        """The PINs, opened when first asked for. Raises PinError."""
        if self._pins is None:
            settings = self.site.settings
            self._pins = await self._aside(lambda: PinBook(settings.database_url, settings.home))
        return self._pins

    async def _aside(self, work: Callable[[], Found]) -> Found:
        """Do what blocks on a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._desk, work)

    def refusal(self) -> str | None:
        """What a caller hears who cannot be served now; None if they can."""
        if self.site.failure is not None:
            return twiml.OUT_OF_ORDER
        if self.site.engines is None:
            return twiml.STARTING
        try:
            self.site.admit()
        except Busy:
            return twiml.BUSY
        return twiml.BUSY if self.calls.connected >= self.site.settings.max_calls else None

    # --- each webhook's answer -------------------------------------------------------------------------------

    async def incoming(self, visit: Visit, _form: Form) -> str:
        """Somebody rings in."""
        refusal = self.refusal()
        if refusal is not None:
            self.calls.refused += 1
            return twiml.say_goodbye(refusal)
        pins = await self.pins()
        known = await self._aside(lambda: pins.by_number(visit.number))
        if known is not None:
            visit.trainee = known.name
            return twiml.menu(self.origin, twiml.WELCOME)
        if self.calls.attempts.locked(visit.number, self.clock()):
            return twiml.say_goodbye(twiml.NO_MORE_PINS)
        return twiml.ask_pin(self.origin, twiml.WELCOME)

    async def pin(self, visit: Visit, form: Form) -> str:
        """A PIN was keyed in. The third wrong one ends the call, and a number with many has to wait."""
        if self.calls.attempts.locked(visit.number, self.clock()):
            return twiml.say_goodbye(twiml.NO_MORE_PINS)
        keyed = form.get("Digits", "")
        pins = await self.pins()
        found = await self._aside(lambda: pins.by_pin(keyed)) if PIN.fullmatch(keyed) else None
        if found is not None:
            visit.trainee, visit.tries = found.name, 0
            return twiml.menu(self.origin)
        if keyed:
            self.calls.attempts.failed(visit.number, self.clock())
        return self._again(visit, twiml.ask_pin(self.origin, twiml.WRONG_PIN if keyed else ""), twiml.NO_MORE_PINS)

    async def menu(self, visit: Visit, form: Form) -> str:
        """A key of the menu."""
        if visit.trainee is None:
            return await self.incoming(visit, form)
        match form.get("Digits"):
            case "1":
                return self._connect(visit, None)
            case "2":
                return twiml.ask_call_number(self.origin)
            case "3":
                return self._connect(visit, None, quick=True)
        return self._again(visit, twiml.menu(self.origin))

    async def choose(self, visit: Visit, form: Form) -> str:
        """The number of a call."""
        if visit.trainee is None:
            return await self.incoming(visit, form)
        offered = await self._aside(self.site.catalogue.offered)
        keyed = form.get("Digits", "")
        if keyed.isascii() and keyed.isdigit() and len(keyed) < 5 and 1 <= int(keyed) <= len(offered):
            return self._connect(visit, offered[int(keyed) - 1])
        wrong = f"There is no call {keyed}. There are {len(offered)}." if keyed.isdigit() else ""
        return self._again(visit, twiml.ask_call_number(self.origin, wrong))

    async def outgoing(self, visit: Visit, form: Form) -> str:
        """Somebody who was rung has answered, or a machine has."""
        refusal = self.refusal()
        if refusal is not None:
            return twiml.say_goodbye(refusal)
        visit.number = form.get("To", "")
        visit.script, visit.trainee = form.get("?script") or None, form.get("?trainee") or visit.number
        seed = form.get("?seed", "")
        visit.seed = int(seed) if SEED.fullmatch(seed) else None
        return twiml.being_rung(self.origin)

    async def accept(self, visit: Visit, form: Form) -> str:
        """Whoever was rung pressed a key, or nobody did."""
        if visit.machine or not form.get("Digits") or visit.trainee is None:
            return twiml.say_goodbye(twiml.NOBODY_THERE)
        return self._connect(visit, visit.script)

    async def after(self, visit: Visit, _form: Form) -> str:
        """The socket has closed: because all is done, or because this server was interrupted."""
        return twiml.hang_up() if visit.served else twiml.say_goodbye(twiml.INTERRUPTED)

    async def status(self, visit: Visit, form: Form) -> str:
        """The network tells how the call goes on."""
        visit.machine |= form.get("AnsweredBy", "").startswith(("machine", "fax"))
        self.calls.note(visit.call, form.get("CallStatus", "")[:MOST_STATUS])
        if form.get("CallStatus") in ENDED:
            self.calls.end(visit.call)
        return twiml.nothing()

    def _again(self, visit: Visit, ask: str, give_up: str = twiml.NOBODY_THERE) -> str:
        visit.tries += 1
        return ask if visit.tries < MOST_TRIES else twiml.say_goodbye(give_up)

    def _connect(self, visit: Visit, script: str | None, *, quick: bool = False) -> str:
        refusal = self.refusal()
        if refusal is not None or visit.trainee is None:
            self.calls.refused += 1
            return twiml.say_goodbye(refusal or twiml.NO_MORE_PINS)
        visit.tries = 0
        grant = Grant(visit.trainee, script, visit.seed, quick)
        token = self.calls.tokens.issue(visit.call, grant, self.clock())
        return twiml.connect(self.origin, token)

    def close(self) -> None:
        """Release what the webhooks hold."""
        self._desk.shutdown(wait=False)
        if self._pins is not None:
            self._pins.close()

    async def health(self) -> dict[str, object]:
        """The state of the line for an operator. Holds no secret and nobody's name or number."""
        problems = [*line_problems(self.site.settings), *await self._pin_problems()]
        engines = self.site.engines
        return {
            "ready": not problems and engines is not None,
            "problems": [{"what": problem.what, "mend": problem.mend} for problem in problems],
            "server": self.site.failure or ("ready" if engines else "starting"),
            "calls_in_progress": engines.load.calls if engines else 0,
            "calls_connected": self.calls.connected,
            "most_calls": self.site.settings.max_calls,
            "decode_lag_ms": round(engines.load.lag * 1000) if engines else 0,
            "refused": self.calls.refused,
            "forged": self.calls.forged,
        }

    async def _pin_problems(self) -> list[Problem]:
        try:
            trainees = await self._aside((await self.pins()).trainees)
        except PinError as error:
            return [Problem("the PINs cannot be read", str(error))]
        return (
            [] if trainees else [Problem("nobody has a PIN, so nobody can ring in", "rightcall phone pin set NAME")]
        )


Answer = Callable[[Visit, Form], Awaitable[str]]


def install(app: FastAPI, site: Site) -> None:
    """Add the telephone's routes."""
    phone = Phone(site)
    app.state.phone = phone
    app.include_router(_router(phone), prefix="/phone")
    app.include_router(phone_media.router(phone.site, phone.calls, phone.clock), prefix="/phone")


@contextlib.asynccontextmanager
async def _ready(app: FastAPI) -> AsyncIterator[None]:
    """Load the telephone's library before the first call does: that takes longer than a frame."""
    phone: Phone = app.state.phone
    if not line_problems(phone.site.settings):
        await asyncio.to_thread(twiml.hang_up)
        await asyncio.to_thread(load_validator)
    yield
    phone.close()


def _router(phone: Phone) -> APIRouter:
    router = APIRouter(lifespan=_ready)
    router.get("/health")(phone.health)
    answers: dict[str, Answer] = {
        "incoming": phone.incoming, "pin": phone.pin, "menu": phone.menu, "choose": phone.choose,
        "outgoing": phone.outgoing, "accept": phone.accept, "after": phone.after, "fallback": phone.after,
        "status": phone.status,
    }  # fmt: skip
    for name, answer in answers.items():
        router.post(f"/{name}", name=f"phone-{name}")(_webhook(phone, answer))
    return router


def _webhook(phone: Phone, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """One webhook: signature first, then the call it is about, then its answer."""

    async def webhook(request: Request) -> Response:
        try:
            form = await signed_form(request, phone.site.settings)
        except Refused:
            phone.calls.forged += 1
            raise HTTPException(403, "not signed by the telephone network for this server") from None
        call = form.get("CallSid", "")
        if not CALL_SID.fullmatch(call):
            raise HTTPException(400, "no CallSid")
        form |= {f"?{key}": value for key, value in request.query_params.items()}
        now = phone.clock()
        visit = phone.calls.find(call, now) or phone.calls.arrive(call, form.get("From", ""), now)
        try:
            text = await answer(visit, form)
        except PinError:
            log.exception("the PINs cannot be used")
            text = twiml.say_goodbye(twiml.OUT_OF_ORDER)
        return Response(text, media_type="application/xml")

    return webhook
