"""The exchange's port: a real server, and connections as a real exchange makes them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from audio.codec import resample
from audio.frame import Frame, cut, silence
from fakes import voice
from scripts.events import Entry, LineCut, LineFinished, Say, Utterance
from server.audiosocket import Closed, Message, Reader, Sound, write_identity, write_key, write_sound
from server.exchange_identity import Packed, pack
from server.handset import Gesture, HangUp, Press
from server.line_exchange import ExchangeCall
from server.line_network import LineError
from server.line_person import is_tone
from server.shelving import Catalogue
from telephone import PIN, Network, running, until

OFFERED = Catalogue().offered()
KNOWN = pack(Packed(PIN, 2, 7))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Room:
    """A server with an exchange's port."""

    network: Network
    port: int

    @property
    def in_progress(self) -> int:
        assert self.network.engines
        engines = self.network.engines
        return max(engines.load.calls, sum(call.state == "in_progress" for call in engines.records.calls()))

    def calls(self) -> list[object]:
        assert self.network.engines
        return [
            (call.script_id, call.seed, call.handset, call.trainee, call.state, call.ended_by)
            for call in self.network.engines.records.calls()
        ]

    def entries(self, kind: type[Entry]) -> list[Entry]:
        """What the newest call's log on the disk has of that kind."""
        assert self.network.engines
        newest = next(iter(self.network.engines.records.calls(limit=1)), None)
        if newest is None or not self.network.engines.files.log(newest.call_id).exists():
            return []
        return [entry for entry in self.network.engines.files.entries(newest.call_id) if isinstance(entry, kind)]

    async def health(self) -> dict[str, object]:
        answer = await self.network.http.get("/exchange/health")
        told: dict[str, object] = answer.json()
        return told

    def ring(self, person: Person, call: UUID = KNOWN, **how: float) -> ExchangeCall:
        return ExchangeCall("127.0.0.1", self.port, call, person, **how)  # type: ignore[arg-type] # rate is whole

    async def heard_from(self, *messages: bytes) -> list[Message]:
        """What the server sends to somebody who sends just that, until it closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(b"".join(messages))
            read = Reader()
            found: list[Message] = []
            with contextlib.suppress(ConnectionResetError):
                while data := await reader.read(10_000):
                    found += read.feed(data)
            return found
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def room(home: Path, **how: object) -> AsyncIterator[Room]:
    port = free_port()
    async with running(home, exchange_port=port, **how) as network:  # type: ignore[arg-type] # settings of any kind
        yield Room(network, port)


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[Room]:
    async with room(tmp_path) as made:
        yield made


@dataclass
class Person:
    """Says and does what is asked of them; `heard` is all that reached their ear."""

    heard: list[Frame] = field(default_factory=list)
    _acts: list[Gesture] = field(default_factory=list)
    _said: list[Frame] = field(default_factory=list)

    def step(self, heard: Frame) -> tuple[Frame | None, list[Gesture]]:
        self.heard.append(heard)
        done, self._acts = self._acts, []
        return (self._said.pop(0) if self._said else None), done

    def press(self, key: str) -> None:
        self._acts.append(Press(key))

    def hang_up(self) -> None:
        self._acts.append(HangUp())

    def say(self, sound: Frame) -> None:
        self._said += cut(sound)

    @property
    def hears_a_voice(self) -> bool:
        return any(any(frame.samples) and not is_tone(frame) for frame in self.heard[-5:])


@contextlib.asynccontextmanager
async def on_the_line(call: ExchangeCall) -> AsyncIterator[None]:
    """The call goes on meanwhile; afterwards it has ended by the exchange's own rules, or the test fails."""
    placed = asyncio.create_task(call.run())
    try:
        yield
        await placed
    finally:
        placed.cancel()
        await asyncio.gather(placed, return_exceptions=True)


def sounds(messages: list[Message]) -> Iterator[Frame]:
    return (message.frame for message in messages if isinstance(message, Sound))


# --- a call ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "packet"), [(8000, 0.02), (8000, 0.06), (16_000, 0.01)])
async def test_a_pin_in_the_uuid_rings_at_once_and_the_call_is_stored(
    exchange: Room, rate: int, packet: float
) -> None:
    person = Person()
    call = exchange.ring(person, rate=rate, packet=packet)
    async with on_the_line(call):
        await until(lambda: exchange.entries(Say) and person.hears_a_voice)
        person.hang_up()
    await until(lambda: not exchange.in_progress)
    assert exchange.calls() == [(OFFERED[1], 7, "exchange", "Ann Other", "finished", "trainee")]
    assert any(is_tone(frame) for frame in person.heard), "it rang before the caller spoke"
    assert {frame.rate for frame in person.heard} == {rate}


async def test_what_the_trainee_says_is_heard_and_speaking_over_the_caller_stops_him(tmp_path: Path) -> None:
    async with room(tmp_path, texts=["what's your address please", "stop listen to me"], lines=3.0) as exchange:
        person = Person()
        async with on_the_line(exchange.ring(person)):
            await until(lambda: exchange.entries(LineFinished))
            person.say(resample(voice(1.5), 8000))
            await until(lambda: len(exchange.entries(Say)) > 1 and person.hears_a_voice)
            person.say(resample(voice(1.5), 8000))
            await until(lambda: exchange.entries(LineCut))
            person.hang_up()
        (first, *_) = exchange.entries(Utterance)
        assert isinstance(first, Utterance)
        assert first.text == "what's your address please"


async def test_without_a_pin_in_the_uuid_it_is_asked_for_by_keys_and_then_the_menu_is_offered(exchange: Room) -> None:
    person = Person()
    rendered = exchange.network.mouth.rendered
    async with on_the_line(exchange.ring(person, uuid4())):
        await until(lambda: any("PIN" in text for text in rendered))
        for key in "000000":
            person.press(key)
        await until(lambda: any("not known" in text for text in rendered))
        for key in PIN:
            person.press(key)
        await until(lambda: any("press 1" in text for text in rendered))
        person.press("1")
        await until(lambda: exchange.in_progress)
        person.hang_up()
    await until(lambda: not exchange.in_progress)
    assert [call[3:5] for call in exchange.calls()] == [("Ann Other", "finished")]  # type: ignore[index] # a tuple


async def test_three_wrong_pins_are_enough(exchange: Room) -> None:
    person = Person()
    call = exchange.ring(person, uuid4())
    async with on_the_line(call):
        for wrong in ("000000", "111111", "222222"):
            for key in wrong:
                person.press(key)
    assert call.measures.ended == "the server ended the call"
    assert exchange.calls() == []


async def test_hash_ends_the_call_and_keeps_the_line(exchange: Room) -> None:
    person = Person()
    async with on_the_line(exchange.ring(person)):
        await until(lambda: exchange.entries(Say))
        person.press("#")
        await until(lambda: any("You scored" in text for text in exchange.network.mouth.rendered))
        person.press("1")
        await until(lambda: len(exchange.calls()) == 2)
        person.hang_up()
    await until(lambda: not exchange.in_progress)


async def test_a_connection_that_is_reset_is_a_caller_who_hung_up(exchange: Room) -> None:
    line = socket.create_connection(("127.0.0.1", exchange.port))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.sendall(write_identity(KNOWN) + write_sound(silence(0.02, 8000)))
    await until(lambda: exchange.entries(Say))
    line.close()
    await until(lambda: not exchange.in_progress)
    assert [call[4:] for call in exchange.calls()] == [("finished", "trainee")]  # type: ignore[index] # a tuple


async def test_a_server_that_stops_stores_the_call_and_says_goodbye(tmp_path: Path) -> None:
    async with room(tmp_path) as exchange:
        engines = exchange.network.engines
        assert engines
        call = exchange.ring(Person())
        async with on_the_line(call):
            await until(lambda: exchange.entries(Say))
            exchange.network.stop()
        assert call.measures.ended == "the server ended the call"
        await until(lambda: all(call.state != "in_progress" for call in engines.records.calls()))
        assert [call[4:] for call in exchange.calls()] == [("finished", "line")]  # type: ignore[index] # a tuple


# --- who is let in --------------------------------------------------------------------------------------------


async def test_an_address_that_is_not_allowed_is_told_nothing(tmp_path: Path) -> None:
    from ipaddress import ip_network

    async with room(tmp_path, exchange_allow=(ip_network("192.0.2.0/24"),)) as exchange:
        assert await exchange.heard_from(write_identity(KNOWN)) == []
        with pytest.raises(LineError, match="RIGHTCALL_EXCHANGE_ALLOW"):
            await exchange.ring(Person()).run()
        assert (await exchange.health())["refused"] == 2


async def test_where_a_known_pin_is_demanded_any_other_uuid_is_handed_back_at_once(tmp_path: Path) -> None:
    async with room(tmp_path, exchange_uuids="pin") as exchange:
        for call in (uuid4(), pack(Packed("000000"))):
            heard = await exchange.heard_from(write_identity(call), write_sound(silence(0.02, 8000)))
            assert isinstance(heard[-1], Closed)
        assert (await exchange.health())["refused"] == 2
        assert exchange.network.mouth.rendered == []


async def test_where_uuids_are_good_once_a_used_one_is_handed_back(tmp_path: Path) -> None:
    async with room(tmp_path, exchange_uuids="once") as exchange:
        person, call = Person(), uuid4()
        async with on_the_line(exchange.ring(person, call)):
            await until(lambda: any("PIN" in text for text in exchange.network.mouth.rendered))
            person.hang_up()
        heard = await exchange.heard_from(write_identity(call), write_sound(silence(0.02, 8000)))
        assert isinstance(heard[-1], Closed)
        assert (await exchange.health())["refused"] == 1


async def test_a_server_that_cannot_take_a_call_sounds_engaged_and_hands_it_back(tmp_path: Path) -> None:
    async with room(tmp_path) as exchange:
        exchange.network.phone.site.failure = "no ear"
        heard = await exchange.heard_from(write_identity(KNOWN), *[write_sound(silence(0.02, 16_000))] * 3)
        assert isinstance(heard[-1], Closed)
        assert {frame.rate for frame in sounds(heard)} == {16_000}
        assert sum(is_tone(frame) for frame in sounds(heard)) > 50


# --- what else may come ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first", [b"", b"\x01\x00", b"GET / HTTP/1.1\r\n\r\n", b"\x10\x01\x40" + bytes(320), b"\x01\x00\x02hi", b"\0\0\0"]
)
async def test_a_connection_that_begins_otherwise_ends_without_a_call(exchange: Room, first: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", exchange.port)
    writer.write(first)
    writer.write_eof()
    assert await reader.read() in (b"", b"\0\0\0")
    writer.close()
    assert exchange.calls() == []


async def test_rubbish_ends_its_own_call_and_no_other(exchange: Room) -> None:
    person = Person()
    async with on_the_line(exchange.ring(person)):
        await until(lambda: exchange.in_progress == 1)
        rubbish = [b"\x10\x00\x01x", b"\x03\x00\x02zz", b"\x77\x00\x05hello", write_key("5"), b"\x12\x00\x00"] * 30
        heard = await exchange.heard_from(write_identity(KNOWN), write_sound(silence(0.02, 8000)), *rubbish)
        assert isinstance(heard[-1], Closed)
        heard_by_now = len(person.heard)
        await until(lambda: len(person.heard) > heard_by_now + 25 and exchange.in_progress == 1)
        person.hang_up()


async def test_a_muted_telephone_from_the_first_moment_has_its_call_too(exchange: Room) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", exchange.port)
    writer.write(write_identity(KNOWN))
    reading = asyncio.create_task(_read_all(reader))
    await until(lambda: exchange.entries(LineFinished))
    writer.close()
    await until(lambda: not exchange.in_progress)
    await reading
    assert [call[4:] for call in exchange.calls()] == [("finished", "trainee")]  # type: ignore[index] # a tuple


async def _read_all(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionResetError):
        await reader.read(-1)


async def test_nothing_is_left_of_calls_that_are_over(exchange: Room) -> None:
    for _ in range(3):
        person = Person()
        async with on_the_line(exchange.ring(person)):
            await until(lambda: exchange.in_progress)
            person.hang_up()
        await until(lambda: not exchange.in_progress)
    await until(_no_task_of("exchange"))
    assert (await exchange.health())["calls_connected"] == 0


def _no_task_of(name: str) -> Callable[[], bool]:
    return lambda: not [task for task in asyncio.all_tasks() if f"{name}.py" in repr(task.get_coro())]


async def test_a_port_that_is_taken_is_told_and_the_rest_works(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with running(tmp_path, exchange_port=taken.getsockname()[1]) as network:
            health = (await network.http.get("/exchange/health")).json()
            assert "cannot listen" in health["failure"]
            assert (await network.http.get("/health")).json() == {"status": "ok"}


async def test_without_a_port_nothing_listens(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        health = (await network.http.get("/exchange/health")).json()
        assert (health["configured"], health["listening"]) == (False, False)
