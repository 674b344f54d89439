"""The telephone line: a real server, signed webhooks, and calls through the media socket."""

from __future__ import annotations

from pathlib import Path

from telephone import running, until


async def test_a_call_rings_is_answered_and_told_how_it_went(tmp_path: Path) -> None:
    async with running(tmp_path) as network, network.dial() as trainee:
        await until(lambda: network.engines and network.engines.load.calls)
        await until(lambda: len(trainee.heard) > 50 * 3)
        await trainee.press("#")
        await until(lambda: any("You scored" in text for text in network.mouth.rendered))
        await trainee.hang_up()
        await until(lambda: trainee.closed)
        assert network.engines
        (call,) = network.engines.records.calls()
        assert (call.handset, call.trainee, call.state, call.ended_by) == (
            "phone",
            "Ann Other",
            "finished",
            "trainee",
        )
