from voice.echo import EchoGate


def passed(gate: EchoGate, steps: int, mic: float, speaker: float | None) -> int:
    return sum(gate.passes(mic, speaker) for _ in range(steps))


def test_with_nothing_playing_everything_passes() -> None:
    assert passed(EchoGate(), 50, -50, None) == 50
    assert passed(EchoGate(), 50, -50, -90) == 50


def test_an_echo_does_not_pass_even_before_the_room_is_known() -> None:
    assert passed(EchoGate(), 100, -25, -20) == 0


def test_once_the_room_is_known_a_voice_of_ordinary_loudness_passes() -> None:
    gate = EchoGate()
    passed(gate, 300, -50, -20)
    assert passed(gate, 20, -30, -20) == 20


def test_the_sound_cards_delay_does_not_make_the_echo_pass() -> None:
    gate = EchoGate()
    passed(gate, 10, -90, -20)
    assert passed(gate, 100, -24, -20) == 0


def test_pauses_between_the_callers_words_do_not_make_the_echo_pass() -> None:
    gate = EchoGate()
    through = 0
    for _ in range(20):
        through += passed(gate, 15, -40, -20) + passed(gate, 14, -70, -70)
    assert through == 0


def test_the_echo_dies_away_after_the_line_and_then_the_room_is_open() -> None:
    gate = EchoGate()
    passed(gate, 300, -40, -20)
    assert passed(gate, 14, -40, None) == 0
    assert passed(gate, 5, -40, None) > 0
