from __future__ import annotations

import re

import pytest
import yaml

from classwatch.core.errors import UsageError
from classwatch.core.events import EventKind
from classwatch.core.issues import Severity
from classwatch.core.measures import Unit
from classwatch.core.media import StreamRole
from classwatch.core.norms import NormStatus
from classwatch.core.speech import Origin, SpeakerRole
from classwatch.report.html import HEADER_FIELDS, TEMPLATES
from classwatch.report.text import PROMPTS
from classwatch.report.words import (
    LOCALES,
    fill,
    plain,
    quantity,
    rule,
    seconds,
    share,
    span,
    words,
)

ZH, EN = words("zh-CN"), words("en")
BLANK = re.compile(r"\{(\w+)")


def own_keys(language: str) -> set[str]:
    return {k for k in words(language).entries if not k.startswith("issue.")}


def test_both_languages_say_the_same_things() -> None:
    assert own_keys("zh-CN") == own_keys("en")


def test_sentences_have_the_same_blanks_in_both_languages() -> None:
    for key in own_keys("en"):
        assert set(BLANK.findall(ZH.entries[key])) == set(BLANK.findall(EN.entries[key])), key


def test_chinese_is_chinese_and_english_has_no_chinese() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    assert [k for k in own_keys("en") if han.search(EN.entries[k])] == []
    latin = {k for k in own_keys("zh-CN") if not han.search(ZH.entries[k])} - {"list.semicolon"}
    assert latin <= {
        "provenance.python",
        "unit.per_min",
        "list.join",
        "list.semicolon",
        "strip.st.student",
    }, latin


def test_no_key_appears_twice_in_a_file() -> None:
    for path in (*LOCALES.glob("*.yaml"), *LOCALES.glob("issues/*.yaml")):
        tree = yaml.compose(path.read_text(encoding="utf-8"))
        stack = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, yaml.MappingNode):
                keys = [k.value for k, _ in node.value]
                assert len(keys) == len(set(keys)), (path.name, keys)
                stack += [v for _, v in node.value]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_code_of_the_core_has_a_name(language: str) -> None:
    say = words(language)
    families: dict[str, list[str]] = {
        "role": [r.value for r in SpeakerRole],
        "stream": [r.value for r in StreamRole],
        "severity": [s.value for s in Severity],
        "origin": [o.value for o in Origin],
        "norm": [n.value for n in NormStatus],
        "mode": ["practice", "lecture", "dialogue", "mixed"],
        "meta": list(HEADER_FIELDS),
        "prompt": list(PROMPTS),
        "moment": list(PROMPTS),
    }
    heads = {EventKind.HEAD_UP, EventKind.HEAD_DOWN}
    families["event"] = [e.value for e in EventKind if e not in heads]
    absent = [
        f"{f}.{c}" for f, codes in families.items() for c in codes if not say.find(f"{f}.{c}")
    ]
    assert absent == []


def test_templates_hold_no_words() -> None:
    for path in TEMPLATES.glob("*.j2"):
        bare = re.sub(r"\{[{%#].*?[#%}]\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        bare = re.sub(r"<(script|style)\b.*?</\1>", "", bare, flags=re.S)
        bare = re.sub(r"<[^>]*>", "", bare)
        bare = re.sub(r"\b[1248]×", "", bare)
        assert re.findall(r"\w+", bare) == [], path.name


def test_templates_and_code_use_only_keys_that_exist() -> None:
    used = set()
    for path in (*TEMPLATES.glob("*.j2"), *TEMPLATES.parent.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'\bsay\("([a-z_.]+)"[,)]', text))
    assert len(used) > 100
    assert sorted(used - set(EN.entries)) == []


def test_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="en, zh-CN"):
        words("fr")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1 / 3, "33.3 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (0.9996, "100.0 %")],
)
def test_share(value: float, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0.0, "0 秒", "0 s"),
        (8.44, "8.4 秒", "8.4 s"),
        (59.97, "1 分 00 秒", "1 min 00 s"),
        (77.0, "1 分 17 秒", "1 min 17 s"),
        (3599.6, "1 时 00 分", "1 h 00 min"),
        (5400.0, "1 时 30 分", "1 h 30 min"),
    ],
)
def test_seconds(value: float, zh: str, en: str) -> None:
    assert (seconds(value, ZH), seconds(value, EN)) == (zh, en)


@pytest.mark.parametrize(
    ("value", "text"),
    [(2412, "2,412"), (0.5, "0.5"), (22.49, "22.5"), (1519.98, "1,520"), (346.44, "346.4")],
)
def test_plain_numbers(value: float, text: str) -> None:
    assert plain(value) == text


def test_quantities_carry_their_unit() -> None:
    assert quantity(2.114, Unit.PER_MINUTE, ZH) == "2.11 /分"
    assert quantity(0.478, Unit.RATIO, EN) == "0.48"
    assert quantity(41, Unit.COUNT, EN) == "41"
    assert span(0.301, 0.362, Unit.SHARE, EN) == "30.1–36.2 %"
    assert span(1.2, 2.5, Unit.SECONDS, EN) == "1.2 s – 2.5 s"


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        ("30s-point", "one sample per 30 s"),
        ("exact-gap2s", "exact time, pauses up to 2 s closed"),
        ("gap1.5s", "pauses up to 1.5 s closed"),
        ("something-new", "something-new"),
    ],
)
def test_sampling_suffix_in_words(suffix: str, text: str) -> None:
    assert rule(suffix, EN) == text


def test_fill_formats_and_survives_anything() -> None:
    assert fill("{a:.1f} of {b}", {"a": 2.345, "b": 7}) == "2.3 of 7"
    assert fill("{a.__class__} {0} {} {missing} }{", {"a": 1}) == (
        "{a.__class__} {0} {} {missing} }{"
    )
    assert fill("{a:bogus}", {"a": 1.5}) == "1.5"
    assert fill("{a}", {"a": "{b}", "b": "x"}) == "{b}"
