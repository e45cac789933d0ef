"""What one sentence of the teacher does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from classwatch.core.codes import ActCode, CodedAct, Instruction, Openness, QuestionPurpose, Sihe
from classwatch.core.speech import SpeakerRole
from classwatch.discourse.asked import asks, describe
from classwatch.discourse.classifiers import Classifiers
from classwatch.discourse.feedback import (
    REPEAT_NEW_SHARE,
    REPEAT_SHARE,
    USE_SHARE,
    overlap,
)
from classwatch.discourse.lexicon import patterns
from classwatch.discourse.units import Unit

FEEDBACK_WITHIN_S = 5.0
"""What the teacher says within this time after an answer may be about it."""
MODEL_SHARE = 0.6
"""The act model only decides from this share on."""

CUES = frozenset({"discuss", "media", "device", "practise", "nominates"})
"""Directives that say what comes next; they are found again at the end of ``CodedAct.rule``."""
_MODEL_ACTS = {
    "commending": ActCode.PRAISES,
    "greeting": ActCode.MANAGES,
    "note-taking": ActCode.DIRECTS,
    "repeating": ActCode.ASKS,
}
"""Classes of DialogID that are acts; the others tell kinds of lecturing, kept in the rule."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a student said last before the teacher."""

    text: str
    end_s: float


def teacher_act(unit: Unit, answer: Answer | None, classifiers: Classifiers) -> CodedAct:
    """The act of one unit of the teacher; ``answer`` is None when no student spoke before it."""
    if answer is not None and unit.start_s - answer.end_s > FEEDBACK_WITHIN_S:
        answer = None
    base = CodedAct(
        start_s=unit.start_s,
        end_s=unit.end_s,
        act=ActCode.LECTURES,
        role=SpeakerRole.TEACHER,
        confidence=0.5,
        text=unit.text,
        rule="rule:rest",
    )
    base = replace(base, instruction=_instruction(unit, classifiers))
    return (
        _cue(base, unit)
        or _question(base, unit, answer, classifiers)
        or _worded(base, unit, answer)
        or _taken_up(base, unit, answer)
        or _modelled(base, unit, classifiers)
        or base
    )


def cue_of(act: CodedAct) -> str:
    """The cue that the act gave for what comes next, "" for none."""
    name = act.rule.rpartition(".")[2]
    return name if act.rule.startswith(("lexicon:", "llm:")) and name in CUES else ""


def _cue(base: CodedAct, unit: Unit) -> CodedAct | None:
    """Nominations and cues are orders even where they are worded as questions ("你来说说？")."""
    name = unit.key
    if name not in CUES or (unit.marked and name != "nominates"):
        return None
    confidence, rule = _lexicon(unit)
    return replace(base, act=ActCode.DIRECTS, confidence=confidence, rule=rule)


def _lexicon(unit: Unit) -> tuple[float, str]:
    words = patterns("acts", unit.language)
    return words.confidence, f"lexicon:{words.language}.{unit.key}"


def _question(
    base: CodedAct, unit: Unit, answer: Answer | None, classifiers: Classifiers
) -> CodedAct | None:
    confidence, rule = asks(unit, classifiers)
    if not confidence or unit.key == "criticises":
        return None
    asked = describe(unit, after_answer=answer is not None, classifiers=classifiers)
    return replace(
        base,
        act=ActCode.ASKS,
        confidence=confidence,
        rule=rule if rule.startswith("model:") else f"question:{rule}",
        purpose=asked.purpose,
        openness=asked.openness,
        bloom=asked.bloom,
        sihe=asked.sihe,
    )


def _worded(base: CodedAct, unit: Unit, answer: Answer | None) -> CodedAct | None:
    # "不对" after the teacher's own words corrects nobody.
    if not unit.key or (unit.key == "corrects" and answer is None):
        return None
    confidence, rule = _lexicon(unit)
    return replace(base, act=ActCode("t_" + unit.key), confidence=confidence, rule=rule)


def _taken_up(base: CodedAct, unit: Unit, answer: Answer | None) -> CodedAct | None:
    if answer is None:
        return None
    shared = overlap(answer.text, unit.text, unit.language)
    if shared.kept >= REPEAT_SHARE and shared.new <= REPEAT_NEW_SHARE:
        return replace(base, act=ActCode.REPEATS, confidence=0.7, rule="rule:repeats_answer")
    if shared.kept >= USE_SHARE:
        return replace(base, act=ActCode.USES_IDEA, confidence=0.6, rule="rule:uses_answer")
    return None


def _instruction(unit: Unit, classifiers: Classifiers) -> Instruction | None:
    if classifiers.acts_zh is None or unit.language != "zh":
        return None
    return Instruction(classifiers.acts_zh.best(unit.text)[0].replace("-", "_"))


def _modelled(base: CodedAct, unit: Unit, classifiers: Classifiers) -> CodedAct | None:
    model = classifiers.acts_zh
    if model is None or unit.language != "zh":
        return None
    label, share = model.best(unit.text)
    if share < MODEL_SHARE:
        return None
    rule = f"model:{model.name}.{label}"
    act = _MODEL_ACTS.get(label)
    if act is None:
        return replace(base, rule=rule)
    if act is ActCode.ASKS:
        return replace(
            base,
            act=act,
            confidence=share,
            rule=rule,
            purpose=QuestionPurpose.UNDERSTANDING,
            openness=Openness.OPEN,
            sihe=Sihe.WHAT,
        )
    return replace(base, act=act, confidence=share, rule=rule)
