"""Questions that are known to be asked, because the script says so."""

from __future__ import annotations

from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.speech import SpeakerRole, Transcript
from classwatch.discourse.questions import find_questions, question_form
from classwatch.simulate.script import PersonKind
from classwatch.simulate.timeline import TimedUtterance, Timeline

LABEL = "question"
NO_QUESTION = "none"
_RULE = "script"
_ROLES = {
    PersonKind.TEACHER: SpeakerRole.TEACHER,
    PersonKind.STUDENT: SpeakerRole.STUDENT,
    PersonKind.ADULT: SpeakerRole.ADULT,
}


def true_questions(timeline: Timeline, transcript: Transcript) -> tuple[Question, ...]:
    """Every utterance with a label ``question`` (other than ``none``), in order of time.

    One such utterance is one question; it ends with the last sound of the utterance. The form is
    that of its wording, ``mark`` where the wording shows none. In a script without any such label
    the wording of ``transcript`` decides, as in an analysis.
    """
    if not any(LABEL in u.utterance.labels for u in timeline.utterances):
        return find_questions(transcript)
    return tuple(
        _question(timed, timeline)
        for timed in timeline.utterances
        if timed.utterance.labels.get(LABEL, NO_QUESTION) != NO_QUESTION
    )


def _question(timed: TimedUtterance, timeline: Timeline) -> Question:
    text = timed.utterance.text
    form = question_form(text, timed.language)
    kind, matched = (QuestionKind.MARK, "") if form is None else (form.kind, form.matched)
    voiced = timed.spoken.voiced
    end_s = timed.start_s + voiced[-1][1] if voiced else timed.end_s
    kinds = {p.id: p.kind for p in timeline.script.people}
    several = len(timed.speakers) > 1
    role = SpeakerRole.CHORAL if several else _ROLES[kinds[timed.speakers[0]]]
    return Question(
        start_s=timed.start_s,
        end_s=round(end_s, 3),
        role=role,
        text=text,
        language=timed.language,
        form=QuestionForm(kind, _RULE, matched),
        end_measured=True,
    )
