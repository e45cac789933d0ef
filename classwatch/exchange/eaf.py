"""ELAN annotation files (EAF): tiers of labelled intervals, both ways.

Format: EAF 2.7 to 3.0 (ELAN, Max Planck Institute for Psycholinguistics). Times in the file are
whole milliseconds. Annotations that refer to others (REF_ANNOTATION) take their time from the one
they refer to; several children of one parent share its time in equal parts, as ELAN shows them.
Time slots without a value get one between their neighbours, evenly, as ELAN does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classwatch.core.errors import InputError, ResourceError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_BYTES = 64_000_000
_DEPTH = 32
_LENGTH = "classwatchLengthMs"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPE = (
    '    <LINGUISTIC_TYPE {vocabulary}GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID={name} '
    'TIME_ALIGNABLE="true"/>\n'
)
_LANGUAGE = (
    '    <LANGUAGE LANG_DEF="http://cdb.iso.org/lg/CDB-00130975-001" LANG_ID="und" '
    'LANG_LABEL="undetermined (und)"/>\n'
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """Text over ``[start_s, end_s)`` on the clock of the file's media."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Annotations under one name, in order of time; ``participant`` is who they are about.

    ``vocabulary`` names the controlled vocabulary that the texts are taken from, "" for free text.
    """

    name: str
    annotations: tuple[Annotation, ...]
    participant: str = ""
    vocabulary: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A controlled vocabulary: the texts to choose from, each with what it means."""

    name: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AnnotatedMedia:
    """What an EAF file holds: its tiers in the order of the file, and the media it names.

    ``end_s`` is the length of what was coded, 0 where the file does not say it.
    """

    tiers: tuple[Tier, ...]
    media: tuple[str, ...] = ()
    end_s: float = 0.0

    def tier(self, name: str) -> Tier:
        """The tier called ``name``; KeyError where there is none."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        raise KeyError(name)


def read_eaf(path: Path) -> AnnotatedMedia:
    """Tiers of an EAF file.

    Raises InputError naming the file where it is no EAF or refers to what is not there;
    ResourceError where it cannot be opened. Entities and external references are refused.
    """
    root = _parse(path)
    if root.tag != "ANNOTATION_DOCUMENT":
        raise _bad(path, f"expected an ANNOTATION_DOCUMENT, found {root.tag}")
    times_s = _slot_times(root, path)
    aligned, referring = _annotations(root, times_s, path)
    spans = _all_spans(aligned, referring, path)
    tiers = tuple(_tier(element, spans) for element in root.iter("TIER"))
    media = tuple(m.get("MEDIA_URL", "") for m in root.iter("MEDIA_DESCRIPTOR"))
    return AnnotatedMedia(tiers, media, _end_s(root))


def _end_s(root: Element) -> float:
    """The length that this project writes; other programs keep properties they do not know."""
    for item in root.iter("PROPERTY"):
        if item.get("NAME") == _LENGTH and (item.text or "").strip().isdecimal():
            return int(item.text or 0) / 1000.0
    return 0.0


def eaf_text(
    tiers: Sequence[Tier],
    media: Sequence[str] = (),
    vocabularies: Sequence[Vocabulary] = (),
    end_s: float = 0.0,
) -> str:
    """An EAF 3.0 document with time-aligned tiers; the same tiers, the same text.

    ``media`` are file names beside the EAF. A tier with one of the ``vocabularies`` gets ELAN's
    menu of its entries. ``end_s`` is the length of what was coded, kept as a property. No author
    and no date of writing are recorded. Characters that XML cannot hold become the replacement
    character. Tiers of one name, or an annotation that ends before it starts, raise ValueError.
    """
    types = {v.name: f"{v.name}-lt" for v in vocabularies}
    if len({t.name for t in tiers}) != len(tiers):
        raise ValueError("two tiers have the same name")
    slots: list[int] = []
    blocks: list[str] = []
    number = 0
    for tier in tiers:
        rows: list[str] = []
        for item in sorted(tier.annotations, key=lambda a: (a.start_s, a.end_s, a.text)):
            if item.end_s < item.start_s:
                raise ValueError(f"{tier.name}: an annotation ends before it starts")
            number += 1
            slots += [round(item.start_s * 1000), round(item.end_s * 1000)]
            rows.append(_aligned(number, len(slots), item.text))
        kind = _quoted(types.get(tier.vocabulary, "default-lt"))
        who = f" PARTICIPANT={_quoted(tier.participant)}" if tier.participant else ""
        head = f"    <TIER LINGUISTIC_TYPE_REF={kind}{who} TIER_ID={_quoted(tier.name)}>\n"
        blocks.append(head + "".join(rows) + "    </TIER>\n")
    properties = {"lastUsedAnnotationId": number}
    if end_s > 0:
        properties[_LENGTH] = round(end_s * 1000)
    document = _document(blocks, slots, media, properties)
    return document + _type_list(vocabularies, types) + "</ANNOTATION_DOCUMENT>\n"


def _type_list(vocabularies: Sequence[Vocabulary], types: Mapping[str, str]) -> str:
    """Linguistic types, then the language of the vocabularies, then these: the schema's order."""
    lines = [_TYPE.format(name='"default-lt"', vocabulary="")]
    for vocabulary in vocabularies:
        reference = f"CONTROLLED_VOCABULARY_REF={_quoted(vocabulary.name)} "
        lines.append(_TYPE.format(name=_quoted(types[vocabulary.name]), vocabulary=reference))
    if vocabularies:
        lines.append(_LANGUAGE)
    for vocabulary in vocabularies:
        entries = "".join(
            f'        <CV_ENTRY_ML CVE_ID="cveid{number}">\n'
            f'            <CVE_VALUE DESCRIPTION={_quoted(meaning)} LANG_REF="und">'
            f"{_escaped(text)}</CVE_VALUE>\n        </CV_ENTRY_ML>\n"
            for number, (text, meaning) in enumerate(vocabulary.entries)
        )
        lines.append(
            f"    <CONTROLLED_VOCABULARY CV_ID={_quoted(vocabulary.name)}>\n"
            f'        <DESCRIPTION LANG_REF="und"/>\n{entries}    </CONTROLLED_VOCABULARY>\n'
        )
    return "".join(lines)


def _escaped(text: str) -> str:
    # Imported here: it draws urllib in, which a run without EAF has no use for.
    from xml.sax.saxutils import escape

    return escape(_NO_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(_NO_XML.sub("\ufffd", text))


def _aligned(number: int, slots: int, text: str) -> str:
    return (
        f'        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" '
        f'TIME_SLOT_REF1="ts{slots - 1}" TIME_SLOT_REF2="ts{slots}">'
        f"<ANNOTATION_VALUE>{_escaped(text)}</ANNOTATION_VALUE>"
        "</ALIGNABLE_ANNOTATION></ANNOTATION>\n"
    )


def _document(
    blocks: Iterable[str],
    slots: Sequence[int],
    media: Sequence[str],
    properties: Mapping[str, int],
) -> str:
    listed = "".join(
        f'        <PROPERTY NAME="{name}">{value}</PROPERTY>\n'
        for name, value in properties.items()
    )
    files = "".join(
        f"        <MEDIA_DESCRIPTOR MEDIA_URL={_quoted('./' + name)} "
        f'MIME_TYPE="{_mime(name)}" RELATIVE_MEDIA_URL={_quoted("./" + name)}/>\n'
        for name in media
    )
    # ELAN asks for slots in order of time; ids may come in any order.
    ordered = sorted(range(len(slots)), key=lambda i: (slots[i], i))
    times = "".join(
        f'        <TIME_SLOT TIME_SLOT_ID="ts{i + 1}" TIME_VALUE="{slots[i]}"/>\n' for i in ordered
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ANNOTATION_DOCUMENT AUTHOR="" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" '
        'VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">\n'
        '    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">\n'
        f"{files}"
        f"{listed}"
        "    </HEADER>\n"
        f"    <TIME_ORDER>\n{times}    </TIME_ORDER>\n"
        f"{''.join(blocks)}"
    )


def _mime(name: str) -> str:
    return "audio/x-wav" if name.lower().endswith(".wav") else "video/mp4"


def _parse(path: Path) -> Element:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _bad(path, f"larger than {MAX_BYTES / 1e6:g} MB")
        root: Element = fromstring(path.read_bytes())
    except FileNotFoundError:
        raise InputError("no such file", subject=str(path)) from None
    except OSError as error:
        raise ResourceError(
            f"cannot be read: {error.strerror or error}", subject=str(path)
        ) from None
    except ParseError as error:
        raise _bad(path, f"not well-formed XML: {error}") from None
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise _bad(path, f"not read: {type(error).__name__}") from None
    return root


def _slot_times(root: Element, path: Path) -> dict[str, float]:
    """Seconds of every time slot; those without a value lie evenly between their neighbours."""
    header = root.find("HEADER")
    unit = "milliseconds" if header is None else header.get("TIME_UNITS", "milliseconds")
    if unit != "milliseconds":
        raise _bad(path, f"time unit {unit} is not read, only milliseconds")
    names: list[str] = []
    times: list[float | None] = []
    for slot in root.iter("TIME_SLOT"):
        value = slot.get("TIME_VALUE")
        names.append(slot.get("TIME_SLOT_ID", ""))
        try:
            times.append(None if value is None else int(value) / 1000.0)
        except ValueError:
            raise _bad(path, f"time slot {names[-1]}: {value!r} is no number") from None
    return dict(zip(names, _filled(times), strict=True))


def _filled(times: Sequence[float | None]) -> list[float]:
    filled: list[float] = []
    at = 0
    while at < len(times):
        value = times[at]
        if value is not None:
            filled.append(value)
            at += 1
            continue
        stop = next((i for i in range(at, len(times)) if times[i] is not None), len(times))
        before = filled[-1] if filled else 0.0
        after = times[stop] if stop < len(times) else before
        end = before if after is None else after
        count = stop - at + 1
        filled += [before + (end - before) * k / count for k in range(1, count)]
        at = stop
    return filled


_Spans = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Reference:
    id: str
    parent: str
    previous: str


def _annotations(
    root: Element, times_s: dict[str, float], path: Path
) -> tuple[_Spans, list[_Reference]]:
    aligned: _Spans = {}
    for item in root.iter("ALIGNABLE_ANNOTATION"):
        own = item.get("ANNOTATION_ID", "")
        first, last = item.get("TIME_SLOT_REF1", ""), item.get("TIME_SLOT_REF2", "")
        if first not in times_s or last not in times_s:
            raise _bad(path, f"annotation {own} refers to a time slot that is not there")
        aligned[own] = (times_s[first], max(times_s[first], times_s[last]))
    referring = [
        _Reference(
            item.get("ANNOTATION_ID", ""),
            item.get("ANNOTATION_REF", ""),
            item.get("PREVIOUS_ANNOTATION", ""),
        )
        for item in root.iter("REF_ANNOTATION")
    ]
    return aligned, referring


def _all_spans(aligned: _Spans, referring: Sequence[_Reference], path: Path) -> _Spans:
    """Times of all annotations, those of references from what they refer to."""
    spans = dict(aligned)
    siblings = _siblings(referring)
    waiting = list(siblings)
    for _ in range(_DEPTH):
        if not waiting:
            return spans
        later: list[tuple[str, int]] = []
        for key in waiting:
            parent, _chain = key
            if parent not in spans:
                later.append(key)
                continue
            start_s, end_s = spans[parent]
            own = siblings[key]
            step_s = (end_s - start_s) / len(own)
            for place, name in enumerate(own):
                spans[name] = (start_s + place * step_s, start_s + (place + 1) * step_s)
        if len(later) == len(waiting):
            break
        waiting = later
    raise _bad(path, f"annotation {waiting[0][0]} is referred to and not there")


def _siblings(referring: Sequence[_Reference]) -> dict[tuple[str, int], list[str]]:
    """Chains of references that share one parent: each alone, or linked by PREVIOUS_ANNOTATION."""
    chain_of: dict[str, tuple[str, int]] = {}
    chains: dict[tuple[str, int], list[str]] = {}
    for number, item in enumerate(referring):
        key = chain_of.get(item.previous) if item.previous else None
        if key is None:
            key = (item.parent, number)
        chains.setdefault(key, []).append(item.id)
        chain_of[item.id] = key
    return chains


def _tier(element: Element, spans: _Spans) -> Tier:
    found: list[Annotation] = []
    for item in element.iter():
        if item.tag in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
            start_s, end_s = spans[item.get("ANNOTATION_ID", "")]
            found.append(Annotation(start_s, end_s, item.findtext("ANNOTATION_VALUE") or ""))
    found.sort(key=lambda a: (a.start_s, a.end_s))
    return Tier(element.get("TIER_ID", ""), tuple(found), element.get("PARTICIPANT", ""))


def _bad(path: Path, what: str) -> InputError:
    return InputError(what, subject=str(path), remedy="save the file again with ELAN")
