"""Measures as they are shown: key figures, the grouped table, and what could not be measured."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.measures import Definition, Gate, Measure
from classwatch.core.norms import Norm
from classwatch.report.model import ReportInput
from classwatch.report.timeline import Finder, TimeLink, link
from classwatch.report.words import Words, fill, plain, quantity, rule, share, span

KEY_FIGURES = (
    ("talk.share_lesson", "teacher"),
    ("talk.share_lesson", "student"),
    ("talk.monologue_longest", ""),
    ("question.per_minute", ""),
    ("wait.one_median", ""),
    ("hands.per_minute", ""),
    ("heads.up_in_teacher_talk", ""),
)
MAX_KEY_FIGURES = 6
MAX_LINKS = 8


@dataclass(frozen=True, slots=True)
class GateLine:
    """One check in words: what was required, what was found."""

    rule: str
    found: str
    limit: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Glossary:
    """What a measure means, in the language of the report."""

    text: str
    reading: str
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, ready to print; empty strings where there is nothing to say."""

    id: str
    anchor: str
    name: str
    detail: str
    value: str
    basis: str
    interval: str
    coverage: str
    coverage_share: float
    sampling: str
    why: str
    glossary: Glossary
    gates: tuple[GateLine, ...]
    norms: tuple[str, ...]
    moments: tuple[TimeLink, ...]
    more_moments: int
    uncorrected: str = ""
    """What it would be without people's corrections, "" where it does not rest on any."""


@dataclass(frozen=True, slots=True)
class Block:
    """All cells of one measure: one definition, one row per part or sampling rule."""

    name: str
    figures: tuple[Figure, ...]
    glossary: Glossary
    gates: tuple[GateLine, ...]
    norms: tuple[str, ...]
    sampling: str
    """Said once where it is the same for all rows, otherwise "" (then every row says it)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Measures that belong together."""

    id: str
    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """One reason and the names of everything that is missing because of it."""

    reason: str
    names: tuple[str, ...]


def figures(report: ReportInput, finder: Finder, say: Words) -> tuple[Figure, ...]:
    """Every measure of the lesson in the order it was computed."""
    glossary = {d.id: d for d in report.definitions}
    return tuple(
        _figure(m, k, glossary.get(_base(m)), report, (finder, say))
        for k, m in enumerate(report.measures)
    )


def groups(report: ReportInput, shown: tuple[Figure, ...], say: Words) -> tuple[Group, ...]:
    """The table: groups, and blocks in them, in the order in which they were computed."""
    group_of = {d.id: d.group for d in report.definitions}
    by_group: dict[str, dict[str, list[Figure]]] = {}
    for measure, figure in zip(report.measures, shown, strict=True):
        blocks = by_group.setdefault(group_of.get(_base(measure), "other"), {})
        blocks.setdefault(_base(measure), []).append(figure)
    return tuple(
        Group(g, say.name("group", g), tuple(_block(f) for f in blocks.values()))
        for g, blocks in by_group.items()
    )


def _block(cells: list[Figure]) -> Block:
    rules = {c.sampling for c in cells}
    return Block(
        cells[0].name,
        tuple(cells),
        cells[0].glossary,
        tuple(dict.fromkeys(g for c in cells for g in c.gates)),
        tuple(dict.fromkeys(n for c in cells for n in c.norms)),
        cells[0].sampling if len(rules) == 1 and len(cells) > 1 else "",
    )


def key_figures(report: ReportInput, shown: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Up to six figures for the first glance; measured ones first choice, absent ones say why."""
    chosen: list[Figure] = []
    for base, part in KEY_FIGURES:
        pairs = zip(report.measures, shown, strict=True)
        match = next((f for m, f in pairs if _base(m) == base and m.part == part), None)
        if match is not None:
            chosen.append(match)
    measured = [f for f in chosen if not f.why][:MAX_KEY_FIGURES]
    kept = measured + [f for f in chosen if f.why][: MAX_KEY_FIGURES - len(measured)]
    return tuple(f for f in chosen if f in kept)


def absences(shown: tuple[Figure, ...]) -> tuple[Absence, ...]:
    """What is missing, by reason, in order of first appearance."""
    by_reason: dict[str, list[str]] = {}
    for figure in shown:
        if figure.why:
            names = by_reason.setdefault(figure.why, [])
            name = f"{figure.name} · {figure.detail}" if figure.detail else figure.name
            if name not in names:
                names.append(name)
    return tuple(Absence(reason, tuple(names)) for reason, names in by_reason.items())


def _base(measure: Measure) -> str:
    return measure.id.partition("@")[0]


def _figure(
    measure: Measure,
    number: int,
    definition: Definition | None,
    report: ReportInput,
    context: tuple[Finder, Words],
) -> Figure:
    finder, say = context
    chinese = say.language.startswith("zh")
    name = measure.id
    if definition is not None:
        name = definition.name_zh if chinese else definition.name_en
    suffix = measure.id.partition("@")[2]
    detail = " · ".join(
        text
        for text in (
            _part(measure, say),
            rule(suffix, say) if suffix else "",
            measure.stream,
        )
        if text
    )
    moments = tuple(link(i, finder) for i in measure.evidence[:MAX_LINKS])
    return Figure(
        id=f"{measure.id}[{measure.part}]" if measure.part else measure.id,
        anchor=f"measure-{number}",
        name=name,
        detail=detail,
        value=_value(measure, say),
        basis=_basis(measure),
        interval=_interval(measure, say),
        coverage="" if measure.coverage is None else share(measure.coverage),
        coverage_share=measure.coverage or 0.0,
        sampling=_sampling(measure, report, say),
        why=reason(measure, report),
        glossary=_glossary(measure, definition, chinese=chinese),
        gates=tuple(gate_line(g, report, say) for g in measure.gates),
        norms=tuple(
            norm_text(n, say)
            for n in report.norms
            if n.measure == _base(measure) and n.part in {"", measure.part}
        ),
        moments=moments,
        more_moments=len(measure.evidence) - len(moments),
        uncorrected=_uncorrected(measure, report, say),
    )


def _uncorrected(measure: Measure, report: ReportInput, say: Words) -> str:
    for before in report.uncorrected:
        if (before.id, before.part, before.stream) == (measure.id, measure.part, measure.stream):
            return _value(before, say) or say("measures.not_measured")
    return ""


def _sampling(measure: Measure, report: ReportInput, say: Words) -> str:
    return report.samplings.get(_base(measure)) or say.foreign(measure.sampling)


def _part(measure: Measure, say: Words) -> str:
    """The cell in words; the same part may be called otherwise in another group."""
    if not measure.part:
        return ""
    special = say.find(f"part.{_base(measure).partition('.')[0]}.{measure.part}")
    return special or say.name("part", measure.part)


def _value(measure: Measure, say: Words) -> str:
    if measure.category is not None:
        return say.name("mode", measure.category)
    return "" if measure.value is None else quantity(measure.value, measure.unit, say)


def reason(measure: Measure, report: ReportInput) -> str:
    """Why ``measure`` is absent, in words; "" when it is not."""
    if measure.why is None:
        return ""
    return fill(report.reasons.get(measure.why.code, measure.why.code), measure.why.detail)


def _basis(measure: Measure) -> str:
    if measure.numerator is None:
        return ""
    if measure.denominator is None:
        return plain(measure.numerator)
    return f"{plain(measure.numerator)} ÷ {plain(measure.denominator)}"


def _interval(measure: Measure, say: Words) -> str:
    if measure.ci_low is None or measure.ci_high is None:
        return ""
    return span(measure.ci_low, measure.ci_high, measure.unit, say)


def _glossary(measure: Measure, definition: Definition | None, *, chinese: bool) -> Glossary:
    if definition is None:
        return Glossary("", "", measure.formula, "")
    return Glossary(
        definition.text_zh if chinese else definition.text_en,
        definition.reading_zh if chinese else definition.reading_en,
        definition.formula or measure.formula,
        definition.source,
    )


def gate_line(gate: Gate, report: ReportInput, say: Words) -> GateLine:
    """A check in words: what it asks for, what was found, what is required."""
    found = "–" if gate.value is None else plain(gate.value)
    return GateLine(
        report.gates.get(gate.id) or say.foreign(gate.rule), found, plain(gate.limit), gate.passed
    )


def norm_text(norm: Norm, say: Words) -> str:
    """A published value in one line: number, population, sampling, source and its standing."""
    if norm.value is not None:
        number = _norm_number(norm.value, norm.unit)
    else:
        low = "" if norm.low is None else _norm_number(norm.low, norm.unit)
        high = "" if norm.high is None else _norm_number(norm.high, norm.unit)
        number = f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    whom = [norm.country, norm.stage, str(norm.year or ""), f"n = {norm.n}" if norm.n else ""]
    note = norm.note_zh if say.language.startswith("zh") else norm.note_en
    facts = [", ".join(w for w in whom if w), norm.sampling, norm.source, note]
    status = say.name("norm", norm.status.value)
    return f"{number} · {' · '.join(f for f in facts if f)} ({status})"


def _norm_number(value: float, unit: str) -> str:
    return share(value) if unit == "share" else f"{plain(value)} {unit}".strip()
