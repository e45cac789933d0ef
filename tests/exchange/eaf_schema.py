"""The rules of EAF 3.0 that its published schema states, as a check without the schema itself.

Elements in their order and number, required and allowed attributes, the types of their values, and
what refers to what (after EAFv3.0.xsd and "The EAF annotation format", Max Planck Institute for
Psycholinguistics). ``faults`` lists what a document breaks; none means valid.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

_ID = r"[A-Za-z_][\w.-]*"
_ANY = r"(?s:.*)"
_NAME = r"(?s:.+)"
_BOOL = "true|false|0|1"
_COUNT = r"\d{1,10}"
_TIMES = "NTSC-frames|PAL-frames|milliseconds"
_STEREOTYPES = "Time_Subdivision|Symbolic_Subdivision|Symbolic_Association|Included_In"
_DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"


@dataclass(frozen=True)
class Rule:
    """Children as (tag, fewest, most), in order; attributes by pattern, required and optional."""

    children: tuple[tuple[str, int, int], ...] = ()
    required: dict[str, str] = field(default_factory=dict)
    optional: dict[str, str] = field(default_factory=dict)
    text: bool = False


_MANY = 10**9
_OWN = {"EXT_REF": _ANY, "LANG_REF": _NAME, "CVE_REF": _ANY}
RULES = {
    "ANNOTATION_DOCUMENT": Rule(
        (
            ("LICENSE", 0, _MANY), ("HEADER", 1, 1), ("TIME_ORDER", 1, 1), ("TIER", 0, _MANY),
            ("LINGUISTIC_TYPE", 0, _MANY), ("LOCALE", 0, _MANY), ("LANGUAGE", 0, _MANY),
            ("CONSTRAINT", 0, _MANY), ("CONTROLLED_VOCABULARY", 0, _MANY),
            ("LEXICON_REF", 0, _MANY), ("REF_LINK_SET", 0, _MANY), ("EXTERNAL_REF", 0, _MANY),
        ),
        {"AUTHOR": _ANY, "DATE": _DATE, "VERSION": r"[\d.]+"},
        {"FORMAT": r"[\d.]+",
         "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation": _ANY},
    ),
    "LICENSE": Rule(optional={"LICENSE_URL": _ANY}, text=True),
    "HEADER": Rule(
        (("MEDIA_DESCRIPTOR", 0, _MANY), ("LINKED_FILE_DESCRIPTOR", 0, _MANY),
         ("PROPERTY", 0, _MANY)),
        {}, {"MEDIA_FILE": _ANY, "TIME_UNITS": _TIMES},
    ),
    "MEDIA_DESCRIPTOR": Rule(
        (), {"MEDIA_URL": _NAME, "MIME_TYPE": _NAME},
        {"RELATIVE_MEDIA_URL": _ANY, "TIME_ORIGIN": r"-?\d+", "EXTRACTED_FROM": _ANY},
    ),
    "LINKED_FILE_DESCRIPTOR": Rule(
        (), {"LINK_URL": _NAME, "MIME_TYPE": _NAME},
        {"RELATIVE_LINK_URL": _ANY, "TIME_ORIGIN": r"-?\d+", "ASSOCIATED_WITH": _ANY},
    ),
    "PROPERTY": Rule((), {}, {"NAME": _ANY}, text=True),
    "TIME_ORDER": Rule((("TIME_SLOT", 0, _MANY),)),
    "TIME_SLOT": Rule((), {"TIME_SLOT_ID": _ID}, {"TIME_VALUE": _COUNT}),
    "TIER": Rule(
        (("ANNOTATION", 0, _MANY),),
        {"TIER_ID": _ANY, "LINGUISTIC_TYPE_REF": _NAME},
        {"PARTICIPANT": _ANY, "ANNOTATOR": _ANY, "DEFAULT_LOCALE": _ID, "PARENT_REF": _ANY,
         "EXT_REF": _ANY, "LANG_REF": _NAME},
    ),
    "ANNOTATION": Rule((("ALIGNABLE_ANNOTATION", 0, 1), ("REF_ANNOTATION", 0, 1))),
    "ALIGNABLE_ANNOTATION": Rule(
        (("ANNOTATION_VALUE", 1, 1),),
        {"ANNOTATION_ID": _ID, "TIME_SLOT_REF1": _ID, "TIME_SLOT_REF2": _ID},
        {"SVG_REF": _ANY, **_OWN},
    ),
    "REF_ANNOTATION": Rule(
        (("ANNOTATION_VALUE", 1, 1),),
        {"ANNOTATION_ID": _ID, "ANNOTATION_REF": _ID}, {"PREVIOUS_ANNOTATION": _ID, **_OWN},
    ),
    "ANNOTATION_VALUE": Rule(text=True),
    "LINGUISTIC_TYPE": Rule(
        (), {"LINGUISTIC_TYPE_ID": _NAME},
        {"TIME_ALIGNABLE": _BOOL, "CONSTRAINTS": _ID, "GRAPHIC_REFERENCES": _BOOL,
         "CONTROLLED_VOCABULARY_REF": _NAME, "EXT_REF": _ANY, "LEXICON_REF": _ANY},
    ),
    "LOCALE": Rule((), {"LANGUAGE_CODE": _ID}, {"COUNTRY_CODE": _ANY, "VARIANT": _ANY}),
    "LANGUAGE": Rule((), {"LANG_ID": _NAME}, {"LANG_DEF": _ANY, "LANG_LABEL": _ANY}),
    "CONSTRAINT": Rule((), {"STEREOTYPE": _STEREOTYPES}, {"DESCRIPTION": _ANY}),
    "CONTROLLED_VOCABULARY": Rule(
        (("DESCRIPTION", 0, _MANY), ("CV_ENTRY_ML", 0, _MANY)),
        {"CV_ID": _NAME}, {"EXT_REF": _ANY},
    ),
    "DESCRIPTION": Rule((), {"LANG_REF": _NAME}, text=True),
    "CV_ENTRY_ML": Rule((("CVE_VALUE", 1, _MANY),), {"CVE_ID": _NAME}, {"EXT_REF": _ANY}),
    "CVE_VALUE": Rule((), {"LANG_REF": _NAME}, {"DESCRIPTION": _ANY}, text=True),
    "EXTERNAL_REF": Rule((), {"EXT_REF_ID": _ID, "TYPE": _NAME, "VALUE": _ANY}),
}  # fmt: skip
KEYS = (
    ("TIME_SLOT", "TIME_SLOT_ID"),
    ("ALIGNABLE_ANNOTATION", "ANNOTATION_ID"),
    ("REF_ANNOTATION", "ANNOTATION_ID"),
    ("TIER", "TIER_ID"),
    ("LINGUISTIC_TYPE", "LINGUISTIC_TYPE_ID"),
    ("LOCALE", "LANGUAGE_CODE"),
    ("LANGUAGE", "LANG_ID"),
    ("CONSTRAINT", "STEREOTYPE"),
    ("CONTROLLED_VOCABULARY", "CV_ID"),
    ("EXTERNAL_REF", "EXT_REF_ID"),
)
"""Elements of which no two have the same value of the attribute; entries of one vocabulary, too."""
REFERENCES = (
    ("ALIGNABLE_ANNOTATION", "TIME_SLOT_REF1", "TIME_SLOT_ID"),
    ("ALIGNABLE_ANNOTATION", "TIME_SLOT_REF2", "TIME_SLOT_ID"),
    ("REF_ANNOTATION", "ANNOTATION_REF", "ANNOTATION_ID"),
    ("REF_ANNOTATION", "PREVIOUS_ANNOTATION", "ANNOTATION_ID"),
    ("TIER", "LINGUISTIC_TYPE_REF", "LINGUISTIC_TYPE_ID"),
    ("TIER", "PARENT_REF", "TIER_ID"),
    ("TIER", "DEFAULT_LOCALE", "LANGUAGE_CODE"),
    ("LINGUISTIC_TYPE", "CONTROLLED_VOCABULARY_REF", "CV_ID"),
    ("LINGUISTIC_TYPE", "CONSTRAINTS", "STEREOTYPE"),
    ("DESCRIPTION", "LANG_REF", "LANG_ID"),
    ("CVE_VALUE", "LANG_REF", "LANG_ID"),
)


def faults(root: Element) -> list[str]:
    """What the document breaks, in its own order."""
    if root.tag != "ANNOTATION_DOCUMENT":
        return [f"the root is {root.tag}"]
    return [*_structure(root), *_keys(root), *_references(root)]


def _structure(root: Element) -> Iterator[str]:
    for element in root.iter():
        rule = RULES.get(element.tag)
        if rule is None:
            yield f"{element.tag} is no element of EAF 3.0"
            continue
        yield from _attributes(element, rule)
        yield from _children(element, rule)
        if not rule.text and (element.text or "").strip():
            yield f"{element.tag} holds text"


def _attributes(element: Element, rule: Rule) -> Iterator[str]:
    for name in rule.required.keys() - element.attrib.keys():
        yield f"{element.tag} lacks {name}"
    known = {**rule.required, **rule.optional}
    for name, value in element.attrib.items():
        if name not in known:
            yield f"{element.tag} has {name}"
        elif not re.fullmatch(known[name], value):
            yield f"{element.tag} {name} is {value!r}"


def _children(element: Element, rule: Rule) -> Iterator[str]:
    order = [tag for tag, _, _ in rule.children]
    counts = Counter(child.tag for child in element)
    for tag, fewest, most in rule.children:
        if not fewest <= counts[tag] <= most:
            yield f"{element.tag} has {counts[tag]} {tag}"
    strange = counts.keys() - set(order)
    if strange:
        yield f"{element.tag} has {', '.join(sorted(strange))}"
        return
    places = [order.index(child.tag) for child in element]
    if places != sorted(places):
        yield f"{element.tag} has its children out of order"
    if element.tag == "ANNOTATION" and len(element) != 1:
        yield "ANNOTATION has no single annotation"


def _keys(root: Element) -> Iterator[str]:
    for name in dict.fromkeys(attribute for _, attribute in KEYS):
        tags = {tag for tag, attribute in KEYS if attribute == name}
        values = Counter(e.get(name) for e in root.iter() if e.tag in tags)
        for value, count in values.items():
            if count > 1:
                yield f"{name} {value!r} is there {count} times"
    for vocabulary in root.iter("CONTROLLED_VOCABULARY"):
        entries = [entry.get("CVE_ID") for entry in vocabulary.iter("CV_ENTRY_ML")]
        if len(set(entries)) < len(entries):
            yield f"two entries of {vocabulary.get('CV_ID')} have one CVE_ID"


def _references(root: Element) -> Iterator[str]:
    known: dict[str, set[str | None]] = {}
    for tag, attribute in KEYS:
        known.setdefault(attribute, set()).update(e.get(attribute) for e in root.iter(tag))
    for tag, attribute, key in REFERENCES:
        for element in root.iter(tag):
            value = element.get(attribute)
            if value is not None and value not in known[key]:
                yield f"{tag} {attribute} {value!r} is not there"
