"""A small call for tests of the core: every mechanism once, in as few lines as that takes."""

from __future__ import annotations

from scripts.parsing import parse
from scripts.script import Script

TEXT = """
title = "Lost dog at the bus station"
summary = "A man's dog has run off at the bus station and a lorry is coming."
aims = ["Get the place"]
model_answer = "Ask where, ask who, send somebody."

[cast.name]
kind = "person_name"
sex = "male"
[cast.address]
kind = "address"
[cast.phone]
kind = "phone"
[cast.dog]
choose = ["a brown terrier", "a black spaniel"]

[caller]
sex = "male"
age = 40
manner = "angry"
mood = 50
patience = 8
gives_up_after = 2

[lines]
opening = "My dog has run off and nobody is doing anything."
opening_tells = ["what"]
nudge = "Are you listening?"
gives_up = "I will find him myself."
unknown = "How would I know that?"
goodbye = "Bye then."

[[facts]]
id = "what"
topic = "emergency"
say = "My dog has run off."

[[facts]]
id = "address"
topic = "location"
kind = "address"
value = "{address}"
say = { calm = "I am at {address}.", upset = "{address}, obviously.", frantic = "Just come! {address}!" }

[[facts]]
id = "name"
topic = "name"
kind = "person_name"
value = "{name}"
say = "{name}."
needs = { reassured = true }
withheld = "Never mind my name."

[[facts]]
id = "phone"
topic = "phone"
kind = "phone"
value = "{phone}"
say = "{phone}."

[[facts]]
id = "dog"
topic = "description"
value = "{dog}"
say = "He is {dog}, about so high, and he has a red collar with a bell on it."
volunteered = true

[[facts]]
id = "bitten"
topic = "injuries"
say = "He has bitten somebody now."
needs = { after = "bite" }

[[facts]]
id = "nobody_hurt"
topic = "injuries"
say = "Nobody is hurt."
needs = { before = "bite" }

[[events]]
id = "bite"
at = 60
say = "Oh no, he has bitten a child!"
tells = ["bitten"]
mood = -30
unless_decided = "deploy"

[[outcomes]]
decision = "deploy"
rating = "right"
why = "A loose dog by a road."

[[criteria]]
id = "place"
kind = "captured"
fact = "address"
dimension = "location"
critical = "no usable location"

[[criteria]]
id = "decision"
kind = "decided"
dimension = "decision"
"""


def small_script(text: str = TEXT) -> Script:
    return parse(text, "small.toml")
