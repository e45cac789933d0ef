"""Activities in which people talk: explaining, asking, answering, reporting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from classwatch.simulate.generate.banks import Ask, Line
from classwatch.simulate.generate.body import answer_standing, board, gesture, raise_hands, station
from classwatch.simulate.generate.draft import CLASS, TEACHER, Draft, Said
from classwatch.simulate.script import Language

# Categories of Flanders 1970: 2 praise, 3 uses ideas, 4 asks, 5 lectures, 6 directs, 7 criticises,
# 8 student responds, 9 student initiates.
PRAISE, USES, ASKS, LECTURES = "2", "3", "4", "5"
DIRECTS, CORRECTS, RESPONDS, INITIATES = "6", "7", "8", "9"


def tell(draft: Draft, text: str, after: str | float = "same", fias: str = LECTURES) -> str:
    """The teacher says a sentence that asks nothing."""
    name = draft.say(TEACHER, Said(text, {"fias": fias}), after)
    station(draft, name)
    return name


def explain(draft: Draft) -> None:
    """Two to four sentences about the topic."""
    for number in range(int(draft.rng.integers(2, 5))):
        line = draft.pick(f"explain {draft.topic.title}", draft.topic.explain)
        said = line if isinstance(line, Line) else Line(say=line)
        name = draft.say(
            TEACHER,
            Said(said.say, {"fias": LECTURES}, said.language),
            "same" if number else "activity",
        )
        station(draft, name)
        gesture(draft, name)


def write_on_board(draft: Draft) -> None:
    """The teacher writes while explaining, and then has it copied."""
    line = draft.pick(f"explain {draft.topic.title}", draft.topic.explain)
    said = line if isinstance(line, Line) else Line(say=line)
    first = tell(draft, draft.common("look"), "activity", DIRECTS)
    name = draft.say(TEACHER, Said(said.say, {"fias": LECTURES}, said.language), "same")
    silent_s = float(draft.rng.uniform(2.0, 6.0))
    board(draft, first, name, silent_s)
    if draft.chance(0.6):
        tell(draft, draft.common("write_down"), silent_s + 0.4, DIRECTS)
    else:
        tell(draft, draft.common("go_on"), silent_s + 0.4)


def wonder(draft: Draft) -> None:
    """A question that the teacher answers."""
    text = draft.pick(f"rhetorical {draft.topic.title}", draft.topic.rhetorical)
    question, answer = split_question(text)
    name = draft.say(
        TEACHER, Said(question, {"fias": LECTURES, "question": "rhetorical"}), "activity"
    )
    station(draft, name)
    gesture(draft, name)
    if answer:
        tell(draft, answer, "rhetorical")


def split_question(text: str) -> tuple[str, str]:
    """The text up to its first question mark, and the rest."""
    for place, mark in enumerate(text):
        if mark in "?？":
            return text[: place + 1], text[place + 1 :].strip()
    return text, ""


def chorus(draft: Draft) -> None:
    """A short question that the class answers together."""
    item = draft.pick(f"choral {draft.topic.title}", draft.topic.choral)
    asked = item.question != "none"
    labels = {"fias": ASKS, "question": "closed"} if asked else {"fias": DIRECTS}
    name = draft.say(TEACHER, Said(item.say, labels, item.language), "activity")
    station(draft, name)
    answer = Said(item.answer, {"fias": RESPONDS}, item.answer_language)
    draft.say(CLASS, answer, "choral")
    if draft.chance(0.7):
        kind = "praise" if draft.chance(0.5) else "accept"
        react(draft, kind, draft.common(f"{kind}_all"))


def react(draft: Draft, kind: str, text: str = "") -> str:
    """The teacher's feedback of a kind that the sentence bank has."""
    fias = {"praise": PRAISE, "correct": CORRECTS}.get(kind, USES)
    said = Said(text or draft.common(kind), {"fias": fias, "feedback": kind})
    name = draft.say(TEACHER, said, "reaction")
    station(draft, name)
    return name


def exchange(draft: Draft) -> None:
    """Question, wait, hands, nomination, answer, feedback."""
    item = draft.pick(f"ask {draft.topic.title}", draft.topic.ask)
    question = ask(draft, item)
    nomination = call(draft)
    who = nominee(draft)
    raise_hands(draft, question, nomination, who)
    said = draft.pick(f"answers {item.say}", item.answers)
    language = item.answer_language
    if draft.chance(0.08):
        said, language = draft.common("unsure"), None
    answer = draft.say(who, Said(said, {"fias": RESPONDS}, language), "stand_up")
    if item.kind == "open" and len(item.answers) > 1 and draft.chance(0.5):
        more = draft.pick(f"answers {item.say}", item.answers)
        draft.say(who, Said(more, {"fias": RESPONDS}, language), "same")
    last = feedback(draft, item, said, language, who)
    answer_standing(draft, who, nomination, answer, last)


def ask(draft: Draft, item: Ask) -> str:
    """The teacher's question."""
    said = Said(item.say, {"fias": ASKS, "question": item.kind}, item.language)
    name = draft.say(TEACHER, said, "activity")
    station(draft, name)
    gesture(draft, name)
    return name


def call(draft: Draft) -> str:
    """Wait, perhaps ask for hands, and call somebody; the utterance that calls."""
    if draft.chance(0.4):
        tell(draft, draft.common("hands" if draft.chance(0.75) else "prompt"), "wait", DIRECTS)
    return tell(draft, draft.common("nominate"), "wait", DIRECTS)


def nominee(draft: Draft) -> str:
    """A student to talk; all others come before the same one again."""
    return draft.pick("nominee", draft.students)


def feedback(draft: Draft, item: Ask, answer: str, language: Language | None, who: str) -> str:
    """The teacher's reaction to an answer, perhaps with a question back; its last utterance."""
    if item.kind == "open" and draft.chance(0.35):
        probing = Said(
            draft.common("probe"), {"fias": ASKS, "feedback": "probe", "question": "open"}
        )
        draft.say(TEACHER, probing, "reaction")
        draft.say(who, Said(draft.common("probe_answers"), {"fias": RESPONDS}), "wait")
    elif language in (None, draft.config.language) and draft.chance(0.2):
        repeated = draft.common("repeat").format(answer=answer)
        react(draft, "repeat", repeated)
        return tell(draft, draft.common("extend"), "same", USES)
    kind = ("praise", "accept", "correct")[int(draft.rng.choice(3, p=(0.45, 0.47, 0.08)))]
    return react(draft, kind)


def chain(draft: Draft) -> None:
    """An exchange to which two more students add."""
    exchange(draft)
    for _ in range(2):
        said = Said(draft.common("more"), {"fias": ASKS, "question": "open"})
        question = draft.say(TEACHER, said, "same")
        who = nominee(draft)
        answer = draft.say(who, Said(draft.common("more_answers"), {"fias": RESPONDS}), "wait")
        last = react(draft, "accept")
        raise_hands(draft, question, answer, who)
        answer_standing(draft, who, question, answer, last)


def answer_student(draft: Draft) -> None:
    """A student asks, the teacher answers."""
    who = nominee(draft)
    said = Said(draft.common("student_question"), {"fias": INITIATES, "question": "open"})
    question = draft.say(who, said, "activity")
    tell(draft, draft.common("student_question_answers"), "reply", USES)
    answer_standing(draft, who, question, question, f"u{len(draft.utterances)}")


def report(draft: Draft) -> None:
    """A group's speaker reports."""
    said = Said(draft.common("report_call"), {"fias": ASKS, "question": "open"})
    question = draft.say(TEACHER, said, "activity")
    station(draft, question)
    who = nominee(draft)
    answer = draft.say(who, Said(draft.common("report"), {"fias": RESPONDS}), "stand_up")
    last = react(draft, "praise" if draft.chance(0.6) else "accept")
    answer_standing(draft, who, question, answer, last)


ACTIVITIES: Mapping[str, Callable[[Draft], None]] = {
    "explain": explain,
    "board": write_on_board,
    "rhetorical": wonder,
    "choral": chorus,
    "exchange": exchange,
    "chain": chain,
    "answer_student": answer_student,
    "report": report,
}
"""Activities by their names in the profiles."""
