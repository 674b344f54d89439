"""Whether what was said so far can be the end of it: what turn-taking needs to know of meaning.

A wrong "finished" cuts a trainee short, a wrong "open" costs half a second; where neither is clear the answer
is "unknown". Works on a recogniser's text, with or without punctuation.
"""

from __future__ import annotations

import re
from typing import Literal

Completeness = Literal["finished", "open", "unknown"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEVER_LAST = _set(
    """
    and but or so because if when while which what where who whose why how than as then unless until although
    um uh er erm hmm well like
    a an the my your his her their our its this these some any every another
    of to at for with from into between near about give get put tell
    i'm i'll i've we'll we're we've you're you'll you've they're they'll it's that's there's he's she's
    what's where's who's how's can't don't let
    very really just also i we they is are was were am has does could would should may might shall will
    """
)
"""Words after which more must come. `on`, `in`, `up` and their like end "hang on" and "come in"."""
ENDS_QUESTIONS = _set("from with at for about to this so then near i we they is are was were get tell")
"""Of these, the ones that may end a question: "where are you calling from", "where was I"."""
OPENERS = _set("okay ok right alright and so but or well now then sorry um er also please")
"""What comes before a question's first words."""
AUXILIARIES = r"is|are|was|were|am|do|does|did|have|has|had|can|could|will|would|should|may|might|shall"
SUBJECTS = r"you|he|she|they|it|there|i|we|anyone|anybody|someone|somebody"
QUESTION_WORDS = r"what|where|when|who|whose|which|why|how|what's|where's|who's|how's|when's|whereabouts"

CLOSINGS = re.compile(
    r"(thank you|thanks|goodbye|bye|take care|on (their|the|its|our) way|on the line|straight away|with me"
    r"|(doing|done) (so |very |really )?well"
    r"|is that (right|correct)|right there|as soon as (they|we) can|please|say (that )?again|i see|i understand)$"
)
ANSWERS = frozenset(
    {"yes", "no", "yeah", "yep", "nope", "pardon", "hello", "correct", "of course", "go on", "go ahead"}
)
REQUESTS = re.compile(r"\b(tell me|give me|let me know|talk me through|describe|confirm|spell|repeat)\b( \S+){2,}$")
QUESTION = re.compile(
    rf"\b(?:(?:{QUESTION_WORDS})(?: \S+){{2,}}|(?:what|where|who|how)'s \S+"
    rf"|(?:{AUXILIARIES}) (?:{SUBJECTS}|the|your|this|that)(?: \S+)+)$"
)
DANGLING = re.compile(
    rf"(?:^|\b(\S+) )(?:(?:{AUXILIARIES}) (?:{SUBJECTS})|my name)$"
    r"|\b(?:name|address|number|postcode) is$|\b(?:going|need|want|got|trying) to$"
)
"""Ends that ask for more. "Okay, are you" does; "where are you" and "you're hurt, are you" do not."""
ZERO = r"(?:0|zero|oh|o|nought)"
DIGIT = re.compile(rf"(?:{ZERO}|one|two|three|four|five|six|seven|eight|nine|double|triple|\d+)$")
PHONE_DIGITS = 11
"""Digits of a British telephone number, with its first 0 (Ofcom's National Telephone Numbering Plan)."""
FEWEST_DIGITS = 3
"""Fewer may be a house, a grade or a time."""


def finished(text: str) -> Completeness:
    """How complete a text is: "finished", "open" (more must come) or "unknown"."""
    plain = re.sub(r"[^\w\s'-]", " ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    words = plain.split()
    if not words:
        return "unknown"
    if text.rstrip().endswith(("...", "-", "\N{HORIZONTAL ELLIPSIS}")):  # a comma tells nothing: moonshine ends so
        return "open"
    said = " ".join(words)
    asked = bool(QUESTION.search(said)) or (text.rstrip().endswith("?") and len(words) > 2)
    if _dangles(said, words, asked=asked) or _half_a_number(words):
        return "open"
    if asked or said in ANSWERS or CLOSINGS.search(said) or REQUESTS.search(said):
        return "finished"
    return "unknown"


def _dangles(said: str, words: list[str], *, asked: bool) -> bool:
    last = words[-1]
    if last in NEVER_LAST and not CLOSINGS.search(said):
        spelled = len(last) == 1 and len(words) > 1 and len(words[-2]) == 1
        return not (spelled or (asked and last in ENDS_QUESTIONS))
    found = DANGLING.search(said)
    return found is not None and (found[1] is None or found[1] in OPENERS)


def _half_a_number(words: list[str]) -> bool:
    """Whether it ends in the beginning of a telephone number. Every British one begins with 0."""
    first = len(words)
    while first and DIGIT.match(words[first - 1]):
        first -= 1
    run = words[first:]
    if not run or not re.match(rf"{ZERO}|double|triple", run[0]):
        return False
    # "double" and "triple" stand before their digit, which is counted by itself.
    extra = {"double": 1, "triple": 2}
    count = sum(extra.get(word, sum(map(str.isdigit, word)) or 1) for word in run)
    return FEWEST_DIGITS <= count < PHONE_DIGITS
