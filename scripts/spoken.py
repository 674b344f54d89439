"""Written details made into speech for the caller's mouth, and into the one way of writing them for the screen."""

from __future__ import annotations

import re
from collections.abc import Callable

from scripts.lexicons import lexicon
from scripts.vocabulary import DetailKind

_NUMERAL = re.compile(r"\d+")
_PHONE_GROUPS = (
    (r"07\d{9}", (5, 6)),
    (r"020\d{8}", (3, 4, 4)),
    (r"02\d{9}", (3, 4, 4)),
    (r"01\d1\d{7}", (4, 3, 4)),
    (r"011\d{8}", (4, 3, 4)),
)
_PLATES = ((r"[A-Z]{2}\d{2}[A-Z]{3}", 4), (r"[A-Z]\d{1,3}[A-Z]{3}", -3), (r"[A-Z]{3}\d{1,3}[A-Z]", 3))


def cardinal(number: int) -> str:
    """A whole number in British words: 103 is `a hundred and three`."""
    units, teens, tens = (lexicon("numbers")[key] for key in ("units", "teens", "tens"))
    if number < 10:
        return units[str(number)][0]
    if number < 20:
        return teens[str(number)][0]
    if number < 100:
        rest = f" {units[str(number % 10)][0]}" if number % 10 else ""
        return tens[str(number - number % 10)][0] + rest
    for scale, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= scale:
            return _scaled(number, scale, name)
    raise AssertionError


def _scaled(number: int, scale: int, name: str) -> str:
    count, rest = divmod(number, scale)
    head = f"{'a' if count == 1 else cardinal(count)} {name}"
    if not rest:
        return head
    return f"{head} {'and ' if rest < 100 else ''}{cardinal(rest).replace('a hundred', 'one hundred')}"


def ordinal(number: int) -> str:
    """A place in order up to 31: 22 is `twenty second`."""
    table = lexicon("numbers")["ordinals"]
    if str(number) in table:
        return table[str(number)][0]
    return f"{lexicon('numbers')['tens'][str(number - number % 10)][0]} {table[str(number % 10)][0]}"


def _digit(character: str) -> str:
    return "oh" if character == "0" else lexicon("numbers")["units"][character][0]


def _run(digits: str) -> str:
    """Digits as people say them: `double oh`, and `nine hundred` for a group that ends in noughts."""
    if re.fullmatch(r"[1-9]00", digits):
        return f"{_digit(digits[0])} hundred"
    words: list[str] = []
    i = 0
    while i < len(digits):
        pair = digits[i : i + 2] == digits[i] * 2 and digits[i : i + 3] != digits[i] * 3
        words.append(f"double {_digit(digits[i])}" if pair else _digit(digits[i]))
        i += 2 if pair else 1
    return " ".join(words)


def _compact(written: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", written.upper())


def _phone_groups(written: str) -> list[str]:
    number = re.sub(r"\D", "", written)
    lengths = next((groups for shape, groups in _PHONE_GROUPS if re.fullmatch(shape, number)), (5, len(number)))
    groups, at = [], 0
    for length in lengths:
        groups.append(number[at : at + length])
        at += length
    return [group for group in groups if group]


def _code_groups(kind: DetailKind, written: str) -> list[str]:
    code = _compact(written)
    if kind == "postcode":
        return [code[:-3], code[-3:]] if len(code) > 3 else [code]
    cut = next((at for shape, at in _PLATES if re.fullmatch(shape, code)), len(code))
    return [group for group in (code[:cut], code[cut:]) if group]


def _say_phone(written: str) -> str:
    groups = _phone_groups(written)
    spoken = [part for group in groups for part in ([group[:3], group[3:]] if len(group) == 6 else [group])]
    return ", ".join(_run(part) for part in spoken)


def _say_code(kind: DetailKind, written: str) -> str:
    return ", ".join(
        " ".join(_digit(c) if c.isdigit() else c for c in group) for group in _code_groups(kind, written)
    )


def _say_time(written: str) -> str:
    hour, minute = (int(part) for part in written.split(":")[:2])
    if minute == 0:
        if hour % 12 == 0:
            return "midday" if hour else "midnight"
        return f"{cardinal(hour % 12)} o'clock {_period(hour)}"
    near = (hour + (minute > 30)) % 24
    clock = cardinal(near % 12 or 12)
    if minute == 30:
        return f"half past {clock} {_period(hour)}"
    away = minute if minute < 30 else 60 - minute
    amount = "quarter" if away == 15 else cardinal(away)
    unit = "" if away % 5 == 0 else " minute" if away == 1 else " minutes"
    return f"{amount}{unit} {'past' if minute < 30 else 'to'} {clock} {_period(hour)}"


def _period(hour: int) -> str:
    if hour < 12:
        return "in the morning"
    return "in the afternoon" if hour < 17 else "in the evening" if hour < 21 else "at night"


def _say_date(written: str) -> str:
    year, month, day = (int(part) for part in written.split("-")[:3])
    name = lexicon("numbers")["months"][str(month)][0].title()
    return f"the {ordinal(day)} of {name}, {_say_year(year)}"


def _say_year(year: int) -> str:
    century, rest = divmod(year, 100)
    if 2000 <= year < 2010:
        return "two thousand" + (f" and {cardinal(rest)}" if rest else "")
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {f'oh {cardinal(rest)}' if rest < 10 else cardinal(rest)}"


def _say_address(written: str) -> str:
    return (
        _NUMERAL.sub(lambda m: cardinal(int(m.group())) + " ", _spaced(written))
        .replace("  ", " ")
        .replace(" ,", ",")
        .strip()
    )


def _spaced(written: str) -> str:
    """`52A` is a number and a letter; `St John's` is a saint."""
    return re.sub(r"\bSt\.? (?=[A-Z])", "Saint ", written)


def _numerals(written: str) -> str:
    return _NUMERAL.sub(lambda m: cardinal(int(m.group()[:9])), written)


_SAY: dict[DetailKind, Callable[[str], str]] = {
    "phone": _say_phone,
    "postcode": lambda written: _say_code("postcode", written),
    "vehicle_registration": lambda written: _say_code("vehicle_registration", written),
    "address": _say_address,
    "time": _say_time,
    "date_of_birth": _say_date,
    "quantity": _numerals,
    "direction": lambda written: re.sub(
        r"\b([AMB])(\d+)\b", lambda m: f"{m.group(1)} {cardinal(int(m.group(2)))}", written
    ),
}


def say(kind: DetailKind, written: str) -> str:
    """A detail as a caller says it, for the mouth. What cannot be read as its kind is said as it is written."""
    try:
        return _SAY.get(kind, _numerals)(written)
    except (ValueError, KeyError, IndexError):
        return written


def spell(kind: DetailKind, written: str) -> str:
    """A detail said slowly: digit by digit, plates and postcodes by the phonetic alphabet, names letter by letter."""
    if kind in {"phone", "quantity"}:
        return ", ".join(" ".join(_digit(c) for c in group) for group in _slow_groups(kind, written))
    if kind in {"postcode", "vehicle_registration"}:
        return ", ".join(_phonetic(c) for group in _code_groups(kind, written) for c in group)
    if kind == "person_name":
        return ". ".join(f"{name}, {', '.join(c.upper() for c in name if c.isalpha())}" for name in written.split())
    if kind == "address":
        return _NUMERAL.sub(
            lambda m: f"number {' '.join(_digit(c) for c in m.group())}, " if len(m.group()) > 1 else m.group(),
            written,
        )
    return say(kind, written)


def _slow_groups(kind: DetailKind, written: str) -> list[str]:
    return _phone_groups(written) if kind == "phone" else _NUMERAL.findall(written)


def _phonetic(character: str) -> str:
    return _digit(character) if character.isdigit() else lexicon("alphabet")["phonetic"][character.lower()][0]


def write(kind: DetailKind, written: str) -> str:
    """The one way that a detail is displayed: `07700 900142`, `WR5 2XJ`, `KV62 HZR`; other kinds as they stand."""
    if kind == "phone":
        return " ".join(_phone_groups(written))
    if kind in {"postcode", "vehicle_registration"}:
        return " ".join(_code_groups(kind, written))
    return written.strip()
