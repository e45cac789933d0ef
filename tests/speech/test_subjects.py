"""Subjects: named in Chinese and English, each with words that are its own."""

from __future__ import annotations

import pytest

from classwatch.config.schema import TranscribeConfig
from classwatch.core.errors import UsageError
from classwatch.speech.subjects import lesson_subject, subjects

AUTO = TranscribeConfig()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("数学", "maths"),
        ("小学数学", "maths"),
        ("Year 7 Maths", "maths"),
        ("ENGLISH", "english"),
        ("初中英语", "english"),
        ("语文", "chinese"),
        ("道德与法治", "politics"),
        ("體育", "pe"),
        ("PE", "pe"),
        ("信息科技", "it"),
        ("Computer Science", "it"),
        ("科学", "science"),
        ("Science", "science"),
        ("Life Science", "biology"),
        ("美术", "art"),
        ("Fine Art", "art"),
    ],
)
def test_what_manifests_say(said: str, name: str) -> None:
    found = lesson_subject(AUTO, said)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("said", ["", "人工智能创新", "Party planning", "periodic", "kitchen"])
def test_what_is_none_of_ours(said: str) -> None:
    assert lesson_subject(AUTO, said) is None


def test_configured_subject_wins() -> None:
    found = lesson_subject(TranscribeConfig(subject="physics"), "数学")
    assert found is not None
    assert found.name == "physics"
    assert lesson_subject(TranscribeConfig(subject="none"), "数学") is None
    with pytest.raises(UsageError, match="physic") as caught:
        lesson_subject(TranscribeConfig(subject="physic"), "")
    assert "physics" in caught.value.remedy


def test_every_subject_has_words_in_both_languages() -> None:
    assert len(subjects()) >= 15
    for subject in subjects():
        for language in ("zh", "en"):
            words = subject.hotwords[language].split()
            assert 8 <= len(words) <= 40, subject.name
            assert len(set(words)) == len(words), subject.name
            assert subject.prompt[language].endswith(("。", "."))


def test_no_alias_means_two_subjects() -> None:
    aliases = [a.casefold() for s in subjects() for a in s.aliases]
    assert len(aliases) == len(set(aliases))
