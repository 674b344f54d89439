"""`rightcall line`: calls placed against a running server as a telephone network would, and what they measured."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from audio.frame import Frame
from audio.wav import WavError, read_wav
from scripts.cast import draw
from scripts.rehearsal import TrainedTurn
from server.call_scripts import CallScript
from server.calls import TRAINEES
from server.exchange_identity import Packed, pack
from server.line_exchange import ExchangeCall
from server.line_measures import LineMeasures
from server.line_network import IDLE_SECONDS, LineError, Place, Weather
from server.line_person import Person, Trainee, by_loudness_alone
from server.line_twilio import ANSWER_SECONDS, TwilioCall, Visit
from server.settings import Settings
from server.shelving import Catalogue
from server.synthetic import PreparedTurn, by_ear
from server.trainee_voices import sounds, spoken_turns
from voice.line_cache import LineCache
from voice.mouth import Pyttsx3Mouth

if TYPE_CHECKING:
    import httpx

CALLERS = "+4477009001{:02}"
"""The trainees' own numbers: of Ofcom's range for drama."""
EVERY_THIRD = 3
LARGEST_SEED = 9999
OVER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be placed. `trainee`: expert, novice or poor, or the name of a sound file."""

    scripts: Sequence[CallScript]
    trainee: str = "expert"
    calls: int = 1
    ramp: float = 0.0
    """Seconds between two calls' beginnings."""
    weather: Weather = field(default_factory=Weather)
    pin: str = ""
    """Rings in and keys it; empty to be rung."""
    turns: int | None = None
    """At most so many of the trainee's turns."""
    interrupt: bool = False
    """Every third turn speaks over the caller."""
    name: str = "line"
    """Who is rung, for the records."""


@dataclass(frozen=True, slots=True)
class Port:
    """Where a server listens for an exchange, and how this one speaks."""

    host: str
    port: int
    rate: int = 8000
    packet: float = 0.02
    """Seconds of sound in each of the caller's packets."""


def place_of(settings: Settings, port: int) -> Place:
    """The server on this machine with these settings. Raises LineError for what is missing."""
    from server.phone_problems import line_problems

    problems = line_problems(settings)
    if problems:
        raise LineError("\n".join(f"{problem.what}: {problem.mend}" for problem in problems))
    token = settings.twilio_auth_token.get_secret_value()
    return Place(
        f"http://127.0.0.1:{port}", settings.public_origin, settings.twilio_account_sid, token, settings.twilio_number
    )


async def place_calls(
    plan: Plan,
    where: Place | Port,
    settings: Settings,
    told: Callable[[str], None],
    somebody: Person | None = None,
) -> list[LineMeasures]:
    """Place all calls and wait for their ends. `somebody` takes the one call instead of a synthetic trainee.

    A call that fails is told, and measured as having ended so. Raises ScriptError or LineError before the first.
    """
    import httpx

    prepared = [await prepare_turns(script, plan, settings, told) for script in plan.scripts]
    offered = await asyncio.to_thread(Catalogue(settings.scripts).offered)
    calls: list[TwilioCall | ExchangeCall] = []
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS)) as http:
        for number in range(plan.calls):
            script = plan.scripts[number % len(plan.scripts)]
            person = somebody or _trainee(script, prepared[number % len(plan.scripts)], plan, where)
            if isinstance(where, Place):
                calls.append(_by_network(http, where, number, plan, script, offered, person))
            else:
                calls.append(_by_exchange(where, number, plan, script, offered, person))
        placed = (_run(call, number, plan.ramp * number, told) for number, call in enumerate(calls))
        return list(await asyncio.gather(*placed))


async def _run(
    call: TwilioCall | ExchangeCall, number: int, wait: float, told: Callable[[str], None]
) -> LineMeasures:
    await asyncio.sleep(wait)
    try:
        measured = await call.run()
    except LineError as error:
        measured = call.measures
        measured.ended = f"failed: {error}"
    told(f"call {number + 1}: {measured.ended}")
    return measured


def _trainee(script: CallScript, turns: Sequence[PreparedTurn], plan: Plan, where: Place | Port) -> Trainee:
    """One trainee listens as people do; many go by loudness, which costs this machine less."""
    rate = where.rate if isinstance(where, Port) else 8000
    judge = by_ear(rate) if plan.calls == 1 else by_loudness_alone
    return Trainee(turns, judge, rate, warned=bool(script.script.content_note))


def _by_network(
    http: httpx.AsyncClient,
    place: Place,
    number: int,
    plan: Plan,
    script: CallScript,
    offered: Sequence[str],
    person: Person,
) -> TwilioCall:
    sid = f"CA{uuid.uuid4().hex}"
    caller = CALLERS.format(number % 100)
    if plan.pin:
        ringing = {"From": caller, "To": place.number, "Direction": "inbound"}
        visit = Visit("/phone/incoming", ringing, (plan.pin, "2", f"{_number(script, offered)}#"))
    else:
        seed = script.rehearsal().seed
        rung = {"From": place.number, "To": caller, "Direction": "outbound-api"}
        asked = urlencode({"script": script.script.id, "trainee": plan.name, "seed": seed})
        visit = Visit(f"/phone/outgoing?{asked}", rung, ("1",))
    return TwilioCall(http, place, sid, visit, person, plan.weather, seed=number + 1)


def _by_exchange(
    port: Port, number: int, plan: Plan, script: CallScript, offered: Sequence[str], person: Person
) -> ExchangeCall:
    seed = script.rehearsal().seed
    packed = Packed(plan.pin, _number(script, offered), seed if seed <= LARGEST_SEED else None)
    return ExchangeCall(
        port.host, port.port, pack(packed), person, port.rate, port.packet, plan.weather, seed=number + 1
    )


def _number(script: CallScript, offered: Sequence[str]) -> int:
    if script.script.id not in offered:
        raise LineError(f"{script.script.id} is not on the shelf, so it has no number to choose it by")
    return offered.index(script.script.id) + 1


async def prepare_turns(
    call: CallScript, plan: Plan, settings: Settings, told: Callable[[str], None]
) -> list[PreparedTurn]:
    """The trainee's turns with their sound, as in the demonstration. Raises ScriptError, LineError or MouthError."""
    if plan.trainee not in TRAINEES:
        return [PreparedTurn(TrainedTurn(say="(a recording)"), _recorded(Path(plan.trainee)))]
    rehearsal = call.rehearsal()
    follows = rehearsal.trainees[TRAINEES[plan.trainee]]
    cast = draw(call.script, rehearsal.seed)
    spoken = spoken_turns(call.script, cast, TRAINEES[plan.trainee], follows)
    async with AsyncExitStack() as stack:
        mouth = Pyttsx3Mouth(1)
        if any(turn and not turn.path.is_file() for turn in spoken) and not shutil.which("flite"):
            await mouth.start()
            stack.push_async_callback(mouth.close)
        heard = await sounds(spoken, LineCache(mouth, settings.lines_folder), told)
    turns = [
        PreparedTurn(turn, sound, cast.written(turn.value)) for turn, sound in zip(follows.turns, heard, strict=True)
    ]
    return [_over(turn, place) if plan.interrupt else turn for place, turn in enumerate(turns[: plan.turns])]


def _over(prepared: PreparedTurn, place: int) -> PreparedTurn:
    over = OVER_SECONDS if place % EVERY_THIRD == EVERY_THIRD - 1 else None
    return PreparedTurn(prepared.turn.model_copy(update={"wait": 0.0, "over": over}), prepared.sound, prepared.value)


def _recorded(path: Path) -> Frame:
    try:
        return read_wav(path)
    except WavError as error:
        raise LineError(
            f"{path} is no trainee ({', '.join(TRAINEES)} or mic) and no sound file that can be read: {error}"
        ) from error
