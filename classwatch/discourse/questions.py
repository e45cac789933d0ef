"""Questions by their surface form, in Chinese and English.

The rules look at wording only, so that anybody can check them: a clause is a question when it has
a question particle, a tag, a verb-not-verb form, a choice, a question word outside embedded and
indefinite use, an inverted auxiliary, or at least a question mark. The words are data
(``configs/lexicons/questions.yaml``).
"""

from __future__ import annotations

from classwatch.core.questions import Question, QuestionForm, QuestionKind
from classwatch.core.speech import Segment, Transcript
from classwatch.core.text import script_of
from classwatch.discourse.clauses import Clause, clauses
from classwatch.discourse.questions_en import english_form
from classwatch.discourse.questions_zh import chinese_form


def question_form(text: str, language: str) -> QuestionForm | None:
    """Why ``text`` (a clause or a short sentence) is a question; None when it is none.

    ``language`` is ``zh``, ``en`` or anything else, in which case the script decides. Of several
    clauses the first that shows a form wins over a bare question mark.
    """
    found = [form for _, form in _forms(text, language)]
    shown = [form for form in found if form.kind is not QuestionKind.MARK]
    return next(iter(shown or found), None)


def find_questions(transcript: Transcript) -> tuple[Question, ...]:
    """Every question of a transcript in order of time; suspect segments are passed over."""
    found: list[Question] = []
    for segment in transcript.segments:
        if segment.suspect:
            continue
        language = segment.language or transcript.language
        for clause, form in _forms(segment.text, language):
            found.append(_placed(segment, clause, form, language))
    return tuple(sorted(found, key=lambda q: (q.start_s, q.end_s, q.text)))


def _forms(text: str, language: str) -> list[tuple[Clause, QuestionForm]]:
    found: list[tuple[Clause, QuestionForm]] = []
    asked: set[int] = set()
    for clause in clauses(text):
        form = clause_question(clause, language)
        if form is None and clause.marked and clause.sentence not in asked:
            form = QuestionForm(QuestionKind.MARK, "mark", "?")
        if form is not None:
            asked.add(clause.sentence)
            found.append((clause, form))
    return found


def clause_question(clause: Clause, language: str) -> QuestionForm | None:
    """The form that makes one clause a question by its wording alone; None when it shows none."""
    # The script decides first: lessons in English hold Chinese sentences and the reverse.
    script = script_of(clause.text) or language
    if script == "zh":
        return chinese_form(clause.text, closes=clause.closes)
    return english_form(clause.text, marked=clause.marked) if script == "en" else None


def _placed(segment: Segment, clause: Clause, form: QuestionForm, language: str) -> Question:
    start_s, end_s, measured = clause_times(segment, clause)
    return Question(
        start_s=start_s,
        end_s=end_s,
        role=segment.role,
        text=clause.text,
        language=script_of(clause.text) or language,
        form=form,
        end_measured=measured,
    )


def clause_times(segment: Segment, clause: Clause) -> tuple[float, float, bool]:
    """Start and end of a clause in seconds, and whether its end was measured.

    From its words where they spell the segment, else shared out by length.
    """
    length = max(1, len(segment.text))
    duration = segment.end_s - segment.start_s
    start_s = segment.start_s + duration * clause.start / length
    end_s = segment.start_s + duration * clause.end / length
    last = not segment.text[clause.end :].strip()
    timed = _word_times(segment, clause)
    if timed is not None:
        return timed[0], timed[1], True
    return start_s, segment.end_s if last else end_s, last


def _word_times(segment: Segment, clause: Clause) -> tuple[float, float] | None:
    """Start and end of the words under a clause; None where words and text do not agree."""
    spelled = "".join(segment.text.split())
    if "".join("".join(w.text.split()) for w in segment.words) != spelled or not spelled:
        return None
    first = len("".join(segment.text[: clause.start].split()))
    stop = len("".join(segment.text[: clause.end].split()))
    at = 0
    inside = []
    for word in segment.words:
        size = len("".join(word.text.split()))
        if at < stop and at + size > first and size:
            inside.append(word)
        at += size
    return (inside[0].start_s, inside[-1].end_s) if inside else None
