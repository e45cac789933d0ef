"""The code lists of the protocols that are written as a series: FIAS, iFIAS, ITIAS, S-T, S-T-D."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """A protocol's categories.

    Code k (1-based) is written ``labels[k - 1]``; 0 always means undecided. ``main[k - 1]`` is the
    category it counts in (4.1 and 4.2 are both 4), so ``size`` categories make the matrix.
    ``border`` is the code that a series begins and ends with, so that the sums of a row and of its
    column are equal.
    """

    id: str
    labels: tuple[str, ...]
    main: tuple[int, ...]
    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
    border: int

    def __post_init__(self) -> None:
        count = len(self.labels)
        if not count == len(self.main) == len(self.names_zh) == len(self.names_en):
            raise ValueError(f"{self.id}: labels, categories and names differ in number")

    @property
    def size(self) -> int:
        """Number of categories."""
        return max(self.main)

    def code(self, label: str) -> int:
        """The code written ``label``; ``KeyError`` for another protocol's."""
        try:
            return self.labels.index(label) + 1
        except ValueError:
            raise KeyError(label) from None


def _scheme(name: str, border: str, rows: tuple[tuple[str, str, str], ...]) -> Scheme:
    labels = tuple(label for label, _, _ in rows)
    main = tuple(int(label.partition(".")[0]) for label in labels)
    return Scheme(
        name,
        labels,
        main,
        tuple(zh for _, zh, _ in rows),
        tuple(en for _, _, en in rows),
        labels.index(border) + 1,
    )


FIAS = _scheme(
    "fias",
    "10",
    (
        ("1", "接受情感", "accepts feeling"),
        ("2", "表扬或鼓励", "praises or encourages"),
        ("3", "接受或采纳学生观点", "accepts or uses ideas of pupils"),
        ("4", "提问", "asks questions"),
        ("5", "讲授", "lectures"),
        ("6", "指令", "gives directions"),
        ("7", "批评或维护权威", "criticises or justifies authority"),
        ("8", "学生应答", "pupil response"),
        ("9", "学生主动说话", "pupil initiation"),
        ("10", "沉寂或混乱", "silence or confusion"),
    ),
)
"""Flanders Interaction Analysis System (Flanders 1970)."""

IFIAS = _scheme(
    "ifias",
    "11",
    (
        ("1", "教师接受情感", "accepts feeling"),
        ("2", "教师鼓励表扬", "praises or encourages"),
        ("3", "采纳学生观点", "uses ideas of students"),
        ("4", "提问（未分开放封闭）", "asks, open or closed not told"),
        ("4.1", "提出开放性问题", "asks an open question"),
        ("4.2", "提出封闭性问题", "asks a closed question"),
        ("5", "讲授", "lectures"),
        ("6", "指令", "gives directions"),
        ("7", "批评", "criticises"),
        ("8", "学生被动应答", "student responds when asked"),
        ("9", "学生主动说话（未分）", "student initiates, kind not told"),
        ("9.1", "学生主动应答", "student volunteers an answer"),
        ("9.2", "学生主动提问", "student asks"),
        ("10", "与同伴讨论", "talks with peers"),
        ("11", "无助于教学的混乱", "confusion that does not help"),
        ("12", "有益于教学的沉寂", "silence that helps"),
        ("13", "教师操纵技术", "teacher uses technology"),
        ("14", "学生操纵技术", "student uses technology"),
    ),
)
"""Improved FIAS (方海光、高辰柱、陈佳 2012); the border code follows the habit for ITIAS."""

ITIAS = _scheme(
    "itias",
    "13",
    (
        ("1", "教师接受情感", "accepts feeling"),
        ("2", "教师鼓励表扬", "praises or encourages"),
        ("3", "采纳意见", "uses ideas of students"),
        ("4", "提问开放性的问题", "asks an open question"),
        ("5", "提问封闭性的问题", "asks a closed question"),
        ("6", "讲授", "lectures"),
        ("7", "指示", "gives directions"),
        ("8", "批评", "criticises"),
        ("9", "应答（被动）", "student responds when asked"),
        ("10", "应答（主动）", "student volunteers an answer"),
        ("11", "主动提问", "student asks"),
        ("12", "与同伴讨论", "talks with peers"),
        ("13", "无助于教学的混乱", "confusion that does not help"),
        ("14", "思考问题", "thinking about a question"),
        ("15", "做练习", "practice"),
        ("16", "教师操纵技术", "teacher uses technology"),
        ("17", "学生操纵技术", "student uses technology"),
        ("18", "技术作用于学生", "technology acts on students"),
    ),
)
"""Information-technology-based interaction analysis (顾小清、王炜 2004)."""

SCHEMES = (FIAS, IFIAS, ITIAS)
"""The schemes that coded acts are projected onto (``crosswalk``)."""

ST = Scheme("st", ("S", "T"), (1, 2), ("学生行为", "教师行为"), ("student", "teacher"), 1)
"""S-T codes as a person writes them, at whatever interval."""

STD = Scheme(
    "std",
    ("S", "T", "D"),
    (1, 2, 3),
    ("学生行为", "教师行为", "师生互动"),
    ("student", "teacher", "interaction"),
    1,
)
"""S-T with a third code for interaction (刘立新), as a person writes it."""

BY_HAND = {scheme.id: scheme for scheme in (ST, STD, *SCHEMES)}
"""Every scheme in which a person may write a series, by name."""


def scheme_of(name: str) -> Scheme:
    """The scheme called ``name``; ``KeyError`` where there is none."""
    return BY_HAND[name]
