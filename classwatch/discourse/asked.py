"""What a question asks: purpose, openness, Bloom level, and 四何."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.codes import Bloom, Openness, QuestionPurpose, Sihe
from classwatch.core.questions import QuestionKind
from classwatch.discourse.classifiers import Classifiers
from classwatch.discourse.lexicon import patterns
from classwatch.discourse.units import Unit

_CLOSED_FORMS = frozenset(
    {QuestionKind.TAG, QuestionKind.PARTICLE, QuestionKind.A_NOT_A, QuestionKind.ALTERNATIVE}
)
_BLOOM_ORDER = (
    Bloom.CREATE,
    Bloom.EVALUATE,
    Bloom.ANALYSE,
    Bloom.APPLY,
    Bloom.UNDERSTAND,
    Bloom.REMEMBER,
)
ASKS_SHARE = {"zh": 0.5, "en": 0.3}
"""From this share on, the model alone decides that a sentence without a mark asks."""
FORM_SHARE = 0.15
"""With a question's wording this share is enough; below it the wording is taken as embedded."""
TAG_SHARE = 0.4
"""Tags (对吧) often only hold a talk together, so they need more."""
STOPPED_SHARE = 0.9
"""English wording that ends in a full stop asks only from this share on."""
_MIN_SHARE = 0.35
"""Below this share the model's Bloom level is no answer (six levels: 0.17 is chance)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The types of one question; None where they could not be told."""

    purpose: QuestionPurpose
    openness: Openness
    bloom: Bloom | None
    sihe: Sihe | None


def asks(unit: Unit, classifiers: Classifiers) -> tuple[float, str]:
    """Confidence that ``unit`` asks, 0.0 where it does not, and the rule that says so.

    A question mark decides. Without one the wording and the model are weighed together; without a
    model, or in another language, the wording alone.
    """
    form = unit.form
    if unit.marked:
        return 0.95, form.rule if form and form.kind is not QuestionKind.MARK else "mark"
    model = {"zh": classifiers.question_zh, "en": classifiers.question_en}.get(unit.language)
    if model is None:
        return (0.7, form.rule) if form else (0.0, "")
    share = float(model.probabilities(unit.text)[1])
    needed = ASKS_SHARE[unit.language]
    if form is not None:
        needed = TAG_SHARE if form.kind is QuestionKind.TAG else FORM_SHARE
    # Who wrote a full stop in English heard no question; Chinese recognisers often write one.
    if unit.language == "en" and unit.text.rstrip().endswith("."):
        needed = STOPPED_SHARE
    if share < needed:
        return 0.0, ""
    return (share, f"model:{model.name}") if form is None else (max(share, 0.5), form.rule)


def describe(unit: Unit, *, after_answer: bool, classifiers: Classifiers) -> Asked:
    """Types of the question ``unit``; ``after_answer``: a student spoke just before.

    A question about order or progress has neither Bloom level nor 四何: it is not about the
    subject. Rhetorical questions show by what follows, which the caller knows.
    """
    text = unit.text.lower().rstrip("?？。.!！，,、 ")
    words = patterns("asking", unit.language)
    openness = _openness(unit, words.has("open", text))
    if words.has("management", text):
        return Asked(QuestionPurpose.MANAGEMENT, Openness.CLOSED, None, None)
    bloom = bloom_level(text, unit.language, classifiers)
    if after_answer and words.has("probing", text):
        purpose = QuestionPurpose.PROBING
    elif bloom in (None, Bloom.REMEMBER) and openness is Openness.CLOSED:
        purpose = QuestionPurpose.RECALL
    else:
        purpose = QuestionPurpose.UNDERSTANDING
    return Asked(purpose, openness, bloom, sihe(text, unit.language))


def _openness(unit: Unit, wide: bool) -> Openness:
    kind = unit.form.kind if unit.form else QuestionKind.MARK
    if wide and kind not in (QuestionKind.TAG, QuestionKind.ALTERNATIVE):
        return Openness.OPEN
    if kind in _CLOSED_FORMS or not wide:
        return Openness.CLOSED
    return Openness.OPEN


def sihe(text: str, language: str) -> Sihe:
    """四何 by the question words: what-if before why before how; everything else asks what."""
    words = patterns("asking", language)
    for kind in (Sihe.WHAT_IF, Sihe.WHY, Sihe.HOW):
        if words.has(kind.value, text):
            return kind
    return Sihe.WHAT


def bloom_level(text: str, language: str, classifiers: Classifiers) -> Bloom | None:
    """Bloom level of a question or task: Chinese by patterns, English by the model.

    None when no pattern matches or the model is not sure.
    """
    if language == "zh":
        words = patterns("bloom", "zh")
        return next((b for b in _BLOOM_ORDER if words.has(b.value, text)), None)
    if language != "en" or classifiers.bloom_en is None:
        return None
    label, share = classifiers.bloom_en.best(text)
    return Bloom(label) if share >= _MIN_SHARE else None
