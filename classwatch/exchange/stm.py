"""STM and TRN files: reference texts as NIST's scoring tools read them.

STM: ``<recording> <channel> <speaker> <start> <end> [<labels>] text``;
TRN: ``text (utterance-id)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from classwatch.config.yamlfile import read_text
from classwatch.core.errors import InputError
from classwatch.core.labels import role_of_label
from classwatch.core.speech import Origin, Segment, Transcript
from classwatch.exchange.encodings import MOST_BYTES
from classwatch.exchange.intervals import Labelled, checked
from classwatch.exchange.transcripts import guess_language

_IGNORED = "ignore_time_segment_in_scoring"
_TRN = re.compile(r"(?P<text>.*?)\s*\((?P<id>[^()\s]+)\)")
_LABELS = re.compile(r"<[^<>\s]*>\s*")
_FIELDS = 5
_STM_FORM = "a line reads: recording channel speaker start end <labels> text"


def read_stm(path: Path, recording: str = "") -> Transcript:
    """The words of one recording, in order of time, ``Origin.ANNOTATED``.

    ``recording`` is needed where the file speaks of several. Lines that STM marks as not to be
    scored, and lines without words, are left out. Raises InputError naming the line or the
    recordings there are.
    """
    every = list(_stm_lines(path))
    names = sorted({name for name, _ in every})
    wanted = [recording] if recording else names
    if len(wanted) != 1 or wanted[0] not in names:
        wrong = f"holds no lines for {recording!r}" if recording else f"speaks of {len(names)}"
        raise InputError(
            wrong if recording else f"{wrong} recordings, expected one",
            subject=str(path),
            remedy=f"name one of: {', '.join(names[:10])}" if names else _STM_FORM,
        )
    spoken = [segment for name, segment in every if name == wanted[0] and segment.text]
    segments = tuple(sorted(spoken, key=lambda s: (s.start_s, s.end_s)))
    language = guess_language(" ".join(s.text for s in segments))
    return Transcript(segments, language, Origin.ANNOTATED)


def read_trn(path: Path) -> Mapping[str, str]:
    """Text by utterance id. Raises InputError naming a line without an id, or an id given twice."""
    texts: dict[str, str] = {}
    for number, line in enumerate(read_text(path, MOST_BYTES).splitlines(), start=1):
        if not line.strip() or line.startswith(";;"):
            continue
        match = _TRN.fullmatch(line.strip())
        if match is None or match["id"] in texts:
            raise InputError(
                "does not end in an utterance id of its own",
                subject=f"{path}, line {number}",
                remedy="a line reads: text (utterance-id)",
            )
        texts[match["id"]] = match["text"]
    return texts


def _stm_lines(path: Path) -> Iterator[tuple[str, Segment]]:
    for number, line in enumerate(read_text(path, MOST_BYTES).splitlines(), start=1):
        if not line.strip() or line.startswith(";;"):
            continue
        place = f"{path}, line {number}"
        fields = line.split(maxsplit=_FIELDS)
        try:
            name, _, speaker, start_s, end_s = fields[:_FIELDS]
            span = checked(Labelled(float(start_s), float(end_s), ""), place)
        except ValueError:
            raise InputError(
                f"{line[:60]!r} is no line of STM",
                subject=place,
                remedy=_STM_FORM,
            ) from None
        text = _LABELS.sub("", fields[_FIELDS], count=1) if len(fields) > _FIELDS else ""
        if text.strip().casefold() == _IGNORED:
            text = ""
        role = role_of_label(speaker)
        yield name, Segment(span.start_s, span.end_s, text.strip(), role=role, speaker=speaker)
