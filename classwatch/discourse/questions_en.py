"""Surface rules for questions in English; they work without punctuation and capitals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from classwatch.config.data import read_table
from classwatch.core.questions import QuestionForm, QuestionKind

_CONTRACTED = re.compile(r"^(what|who|where|when|how|why)['’](s|re|d|ll)$")
_WH = ("what", "why", "how", "where", "who", "whom", "whose", "which", "when")
_SENSE = re.compile(r"[^a-z0-9' ]+")


@dataclass(frozen=True, slots=True)
class _Words:
    fillers: tuple[tuple[str, ...], ...]
    pronouns: frozenset[str]
    determiners: frozenset[str]
    aux: frozenset[str]
    aux_pronoun: frozenset[str]
    order_pronouns: frozenset[str]
    wh_verbs: frozenset[str]
    who_verbs: frozenset[str]
    how_words: frozenset[str]
    what_nouns_stop: frozenset[str]
    what_words: frozenset[str]
    aux_any: frozenset[str]
    tags: tuple[str, ...]
    elicit: tuple[tuple[str, ...], ...]


@cache
def _words() -> _Words:
    table = read_table("lexicons", "questions.yaml")["en"]

    def phrases(name: str) -> tuple[tuple[str, ...], ...]:
        split = [tuple(str(entry).split()) for entry in table[name]]
        return tuple(sorted(split, key=len, reverse=True))

    def single(name: str) -> frozenset[str]:
        return frozenset(str(entry) for entry in table[name])

    return _Words(
        fillers=phrases("fillers"),
        pronouns=single("pronouns"),
        determiners=single("determiners"),
        aux=single("aux"),
        aux_pronoun=single("aux_pronoun"),
        order_pronouns=single("order_pronouns"),
        wh_verbs=single("wh_verbs"),
        who_verbs=single("who_verbs"),
        how_words=single("how_words"),
        what_nouns_stop=single("what_nouns_stop"),
        what_words=single("what_words"),
        aux_any=single("aux_any"),
        tags=tuple(sorted(table["tags"], key=len, reverse=True)),
        elicit=phrases("elicit"),
    )


def english_form(clause: str, *, marked: bool) -> QuestionForm | None:
    """Form of one English clause without its closing mark; None when it shows none.

    ``marked`` says that a question mark follows: then a clause may be a choice or a tag that the
    words alone leave open.
    """
    words = _words()
    tokens = tuple(_SENSE.sub(" ", clause.lower().replace("’", "'")).split())
    tokens = _without_fillers(tokens, words)
    if not tokens:
        return None
    return (
        _bare_tag(tokens, words)
        or _question_word(tokens, words)
        or _elicited(tokens, words)
        or _inverted(tokens, words)
        or _tagged(tokens, words, marked=marked)
    )


def _without_fillers(tokens: tuple[str, ...], words: _Words) -> tuple[str, ...]:
    changed = True
    while changed:
        changed = False
        for filler in words.fillers:
            if len(tokens) > len(filler) and tokens[: len(filler)] == filler:
                tokens, changed = tokens[len(filler) :], True
                break
    return tokens


def _question_word(tokens: tuple[str, ...], words: _Words) -> QuestionForm | None:
    first = tokens[0]
    at = 0
    if first in ("in", "at", "to", "for", "with", "by", "from", "of", "on") and len(tokens) > 2:
        at, first = 1, tokens[1]
    if _CONTRACTED.match(first):
        return QuestionForm(QuestionKind.WH, "en.wh", first)
    if first not in _WH:
        return None
    rest = tokens[at + 1 :]
    if _opens_question(first, rest, words):
        return QuestionForm(QuestionKind.WH, "en.wh", " ".join(tokens[: at + 2]))
    return None


def _opens_question(first: str, rest: tuple[str, ...], words: _Words) -> bool:
    """Whether a clause that begins with a question word asks, rather than states or embeds."""
    if not rest:
        return first in ("why", "what", "how", "who", "where", "when")
    if first == "which" and rest[0] in words.wh_verbs:
        return False
    if rest[0] in words.wh_verbs:
        return not (first in ("when", "where") and rest[0] in ("there",))
    if first == "who":
        return rest[0] in words.who_verbs
    if first == "how":
        return rest[0] in words.how_words or (len(rest) > 1 and rest[1] in words.wh_verbs)
    if first == "why":
        return rest[0] in ("not", "the", "you")
    if first == "what" and rest[0] in (
        "about",
        "if",
        "else",
        "happens",
        "happened",
        "comes",
        "kind",
    ):
        return rest[0] != "happens" or len(rest) < 8
    if first in ("what", "which", "whose"):
        return _noun_then_verb(rest, words)
    return False


def _noun_then_verb(rest: tuple[str, ...], words: _Words) -> bool:
    if rest[0] in words.what_nouns_stop:
        return False
    if rest[0] in ("one", "ones", "of"):
        return True
    return any(token in words.wh_verbs for token in rest[1:4])


def _elicited(tokens: tuple[str, ...], words: _Words) -> QuestionForm | None:
    for phrase in words.elicit:
        size = len(phrase)
        if tokens[:size] == phrase and len(tokens) > size and tokens[size] in _WH:
            return QuestionForm(QuestionKind.WH, "en.elicit", " ".join(tokens[: size + 1]))
    return None


def _inverted(tokens: tuple[str, ...], words: _Words) -> QuestionForm | None:
    if len(tokens) < 2:
        return None
    first, second = tokens[0], tokens[1]
    pair = " ".join(tokens[1:4])
    if first in words.aux_pronoun:
        fits = second in words.pronouns - words.order_pronouns
    else:
        subject = second in words.pronouns or second in words.determiners
        named = first in words.aux_any and second not in ("not", "be", "have", "to", "n't")
        fits = first in words.aux and (subject or pair in words.pronouns or named)
    if not fits:
        return None
    if "or" in tokens[2:-1]:
        return QuestionForm(QuestionKind.ALTERNATIVE, "en.choice", f"{first} {second} or")
    return QuestionForm(QuestionKind.INVERSION, "en.inversion", f"{first} {second}")


def _bare_tag(tokens: tuple[str, ...], words: _Words) -> QuestionForm | None:
    """A clause that is nothing but a negative tag, cut from its statement by a comma."""
    text = " ".join(tokens)
    found = "n't" in text and text in words.tags
    return QuestionForm(QuestionKind.TAG, "en.tag", text) if found else None


def _tagged(tokens: tuple[str, ...], words: _Words, *, marked: bool) -> QuestionForm | None:
    text = " ".join(tokens)
    for tag in words.tags:
        # A positive tag ("do you") only shows by its mark; a negative one stands by itself.
        sure = marked or "n't" in tag
        if sure and text.endswith(" " + tag) and len(tokens) > len(tag.split()) + 1:
            return QuestionForm(QuestionKind.TAG, "en.tag", tag)
    if marked and tokens[-1] in ("right", "okay", "ok", "yes", "yeah", "huh", "no"):
        return QuestionForm(QuestionKind.TAG, "en.tag", tokens[-1])
    if marked and "or" in tokens[1:-1]:
        return QuestionForm(QuestionKind.ALTERNATIVE, "en.choice", "or")
    return None
