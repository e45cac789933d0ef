"""Surface rules for questions in Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from classwatch.config.data import read_table
from classwatch.core.questions import QuestionForm, QuestionKind

_SOFT = "啊呀哈哦噢喔呃嗯哎唉哟啦诶咧 "
"""Closing sounds that do not change the form."""
_ADDRESS = re.compile(r"(同学们|小朋友们|孩子们|宝贝们|大家|各位|同学|你们|老师)$")
_A_NOT_A = re.compile(r"([\u4e00-\u9fff]{1,2})不\1|有没有|([^了的，\W])没\2|是不$")
_DONE_OR_NOT = re.compile(r"(了|过|会|懂|完|好|到|出来|明白|清楚)(没有|没)$")
_NOT_LAST = re.compile(r"(对|是|好|行|会|懂|确定|可以|明白|记得|知道)不$")
_SUPPOSED = re.compile(r"如果|要是|假如|假设")
_FREE_CHOICE = re.compile(r"无论|不管|不论|(?<!知)不知道|不清楚|不确定|不晓得|任凭")
_BARE = 2
"""A question word followed by at most this many characters ends its clause."""
_CHOICE = re.compile(r"是[^，还]{1,15}还是|[^，]还是不|还是[^，]{1,8}呢$")
_MA = re.compile(r"(吗|么)$")


@dataclass(frozen=True, slots=True)
class _Words:
    tags: tuple[str, ...]
    not_a_not_a: tuple[str, ...]
    wh: re.Pattern[str]
    not_wh: re.Pattern[str]
    embedding: re.Pattern[str]
    embedding_long: re.Pattern[str]
    elicit: re.Pattern[str]
    announce: re.Pattern[str]
    statement_ne: re.Pattern[str]
    topic_max: int


@cache
def _words() -> _Words:
    table = read_table("lexicons", "questions.yaml")["zh"]
    return _Words(
        tags=tuple(table["tags"]),
        not_a_not_a=tuple(table["not_a_not_a"]),
        wh=re.compile("|".join(sorted(table["wh"], key=len, reverse=True))),
        not_wh=_any(table["not_wh"]),
        embedding=_any(table["embedding"]),
        embedding_long=_any(table["embedding_long"]),
        elicit=_any(table["elicit"]),
        announce=_any(table["announce"]),
        statement_ne=_any(table["statement_ne"]),
        topic_max=int(table["topic_max"]),
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def chinese_form(clause: str, *, closes: bool = True) -> QuestionForm | None:
    """Form of one Chinese clause without its closing mark; None when it shows none.

    ``closes`` says that the clause ends its sentence: before a comma, 呢 only marks a topic.
    """
    words = _words()
    text = _ADDRESS.sub("", clause.strip(_SOFT)) or clause.strip(_SOFT)
    text = text.rstrip(_SOFT)
    return (
        _tag(text, words)
        or _particle(text)
        or _a_not_a(text, words)
        or _choice(text)
        or _wh(text, words)
        or (_ne(text, words) if closes else None)
    )


def _tag(text: str, words: _Words) -> QuestionForm | None:
    bare = text.rstrip("呢嘛")
    for tag in words.tags:
        if bare.endswith(tag) and not bare.endswith("不" + tag):
            return QuestionForm(QuestionKind.TAG, "zh.tag", tag)
    return None


def _particle(text: str) -> QuestionForm | None:
    found = _MA.search(text)
    if found and not text.endswith(("什么", "怎么", "那么", "这么", "多么", "要么", "干么")):
        return QuestionForm(QuestionKind.PARTICLE, "zh.ma", found.group())
    return None


def _a_not_a(text: str, words: _Words) -> QuestionForm | None:
    if _FREE_CHOICE.search(text):
        return None
    for found in _A_NOT_A.finditer(text):
        before = text[max(0, found.start() - 2) : found.start()]
        around = before + found.group() + text[found.end() : found.end() + 1]
        if before.endswith("不") or any(word in around for word in words.not_a_not_a):
            continue
        return QuestionForm(QuestionKind.A_NOT_A, "zh.a_not_a", found.group())
    done = _DONE_OR_NOT.search(text) or _NOT_LAST.search(text)
    return done and QuestionForm(QuestionKind.A_NOT_A, "zh.done_or_not", done.group())


def _choice(text: str) -> QuestionForm | None:
    found = _CHOICE.search(text)
    if found is None or _FREE_CHOICE.search(text):
        return None
    return QuestionForm(QuestionKind.ALTERNATIVE, "zh.choice", found.group())


def _wh(text: str, words: _Words) -> QuestionForm | None:
    taken = [found.span() for found in words.not_wh.finditer(text)]
    for found in words.wh.finditer(text):
        if any(a < found.end() and found.start() < b for a, b in taken):
            continue
        before = text[: found.start()]
        if words.elicit.search(before) and not words.announce.search(before):
            return QuestionForm(QuestionKind.WH, "zh.elicit", found.group())
        if _embedded(before, text[found.end() :].rstrip(_SOFT + "呢"), words):
            continue
        return QuestionForm(QuestionKind.WH, "zh.wh", found.group())
    return None


def _embedded(before: str, after: str, words: _Words) -> bool:
    """Whether a question word between the two belongs to a clause inside a statement."""
    if words.embedding.search(before) or words.announce.search(before):
        return True
    return len(after) > _BARE and words.embedding_long.search(before) is not None


def _ne(text: str, words: _Words) -> QuestionForm | None:
    if not text.endswith("呢"):
        return None
    topic = text[:-1]
    if _SUPPOSED.search(topic):
        return QuestionForm(QuestionKind.PARTICLE, "zh.what_if", "呢")
    if not topic or len(topic) > words.topic_max or words.statement_ne.search(topic):
        return None
    return QuestionForm(QuestionKind.PARTICLE, "zh.ne", text)
