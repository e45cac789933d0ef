"""The published tables as plain data: columns, units, order of rows, version.

A version counts up whenever a column changes its name, type, unit or meaning, or goes away; a new
column at the end does not change it. In a lesson folder every table has ``lesson_id`` as an
additional first column, so that one glob reads many lessons; in the cache it has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from classwatch.core.pose import KEYPOINTS


class ColumnType(StrEnum):
    """Types of a column, by their Arrow names."""

    TEXT = "string"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float"
    FLOAT64 = "double"
    BOOL = "bool"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Numbers are rounded to ``decimals`` when stored (``None``: as they are)."""

    name: str
    type: ColumnType
    unit: str
    doc: str
    nullable: bool = False
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One kind of table; rows are sorted by the columns in ``order``, then as they were given.

    An ``open_ended`` table may have columns after its own.
    """

    name: str
    version: int
    doc: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    open_ended: bool = False

    @property
    def tag(self) -> str:
        """What stands in the file's metadata: ``<name>/<version>``."""
        return f"{self.name}/{self.version}"


LESSON_ID = Column("lesson_id", ColumnType.TEXT, "", "Lesson; only in published tables.")

TIME_DECIMALS = 6


def _text(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, ColumnType.TEXT, "", doc, nullable)


def _time(name: str, doc: str) -> Column:
    return Column(name, ColumnType.FLOAT64, "s", doc, decimals=TIME_DECIMALS)


def _share(name: str, doc: str) -> Column:
    return Column(name, ColumnType.FLOAT32, "share", doc, decimals=3)


def _pixel(name: str, doc: str) -> Column:
    return Column(name, ColumnType.FLOAT32, "px", doc, decimals=1)


def _int(name: str, unit: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, ColumnType.INT32, unit, doc, nullable)


def _number(name: str, unit: str, doc: str) -> Column:
    return Column(name, ColumnType.FLOAT64, unit, doc, nullable=True)


_STREAM = _text("stream", "Stream of the lesson (camera or sound file).")
_FRAME = _int("frame", "", "Number of the sampled picture within the stream, from 0.")
_DET = _int("det", "", "Number of the detection within the picture, from 0.")
_PICTURE_TIME = _time("time_s", "Time of the picture on the lesson clock.")


def _keypoint_columns() -> tuple[Column, ...]:
    columns: list[Column] = []
    for name in KEYPOINTS:
        label = name.replace("_", " ")
        columns += [
            _pixel(f"{name}_x", f"Horizontal place of the {label}."),
            _pixel(f"{name}_y", f"Vertical place of the {label}."),
            _share(f"{name}_conf", f"How sure the model is of the {label}."),
        ]
    return tuple(columns)


FRAMES = TableSchema(
    "frames",
    1,
    "Every sampled picture, also those without people, with counts of the whole class.",
    (
        _STREAM,
        _PICTURE_TIME,
        _FRAME,
        _int("width_px", "px", "Width of the upright full-size picture."),
        _int("height_px", "px", "Height of the upright full-size picture."),
        Column("every_s", ColumnType.FLOAT64, "s", "Sampling step asked for.", decimals=6),
        _int("people", "count", "Bodies found."),
        _int("students_seen", "count", "Students found; empty: not computed.", nullable=True),
        _int("hands_raised", "count", "Students with a hand up.", nullable=True),
        _int("hands_judged", "count", "Students with an arm in sight.", nullable=True),
        _int("heads_up", "count", "Students looking up.", nullable=True),
        _int("heads_down", "count", "Students looking down.", nullable=True),
        _int("heads_undecided", "count", "Students whose head says neither.", nullable=True),
    ),
    ("stream", "frame"),
)

POSES = TableSchema(
    "poses",
    1,
    "Bodies found in the sampled pictures: boxes and COCO-17 keypoints in pixels of the upright "
    "full-size picture, origin at the upper left; left and right are the person's own.",
    (
        _STREAM,
        _PICTURE_TIME,
        _FRAME,
        _DET,
        _pixel("x0", "Left edge of the box."),
        _pixel("y0", "Upper edge of the box."),
        _pixel("x1", "Right edge of the box."),
        _pixel("y1", "Lower edge of the box."),
        _share("score", "How sure the model is of the body."),
        *_keypoint_columns(),
    ),
    ("stream", "frame", "det"),
)

TRACKS = TableSchema(
    "tracks",
    1,
    "Which detections belong to one body; row by row the same as poses. Numbers are anonymous and "
    "mean nothing outside the stream.",
    (
        _STREAM,
        _PICTURE_TIME,
        _FRAME,
        _DET,
        _int("track_id", "", "Number of the track, -1 where there is none."),
        _text("role", "teacher, student, adult (another one) or unknown."),
    ),
    ("stream", "frame", "det"),
)

EVENTS = TableSchema(
    "events",
    1,
    "Countable things that happen in the picture, half-open [start_s, end_s).",
    (
        _STREAM,
        _text("kind", "hand_raised, standing, head_down, teacher_at_board, ..."),
        _time("start_s", "Start on the lesson clock."),
        _time("end_s", "End on the lesson clock."),
        _int("track_id", "", "Anonymous track within the stream, -1: nobody in particular."),
        _share("confidence", "How sure the rule is."),
        _text("zone", "Zone of the picture or the floor, empty where it does not apply."),
        _text("origin", "predicted, supplied or annotated."),
    ),
    ("stream", "start_s", "end_s", "kind", "track_id", "zone"),
)

TURNS = TableSchema(
    "turns",
    1,
    "Stretches of talk by one speaker, or by several students at once, half-open.",
    (
        _time("start_s", "Start on the lesson clock."),
        _time("end_s", "End on the lesson clock."),
        _text(
            "role",
            "teacher, student, choral (together), students (several at once), "
            "adult, playback or unknown.",
        ),
        _text("speaker", "Anonymous voice within the lesson, empty where not separable."),
        _share("confidence", "How sure the role is."),
        _text("origin", "predicted, supplied or annotated."),
    ),
    ("start_s", "end_s", "role", "speaker"),
)

CODES = TableSchema(
    "codes",
    1,
    "What was coded, when, by whom and why: one row for each code of each scheme. The acts cover "
    "the whole lesson; the protocols are read from them, act by act at exact times, unless a "
    "person coded the protocol.",
    (
        _int("act", "", "Number of the act, from 0; -1: a series that a person wrote."),
        _time("start_s", "Start on the lesson clock."),
        _time("end_s", "End on the lesson clock."),
        _text("role", "As in the turns; empty: nobody talks.", nullable=True),
        _text("scheme", "acts; purpose, openness, bloom, sihe, instruction; fias, ifias, itias."),
        _text("code", "The code, as in the codebook of the scheme."),
        _share("confidence", "How sure the rule or model is of the act."),
        _text("origin", "predicted or annotated."),
        _text("rule", "The rule, model or back end that decided; see the page on discourse."),
        _text("text", "The words it rests on, empty without any."),
        _text("quote", "The words among them that decided, where they were named."),
    ),
    ("start_s", "end_s", "act", "scheme"),
)

LEVELS = TableSchema(
    "levels",
    1,
    "Loudness of the sound, and what of it is speech, in equal steps.",
    (
        _time("time_s", "Start of the step on the lesson clock."),
        Column("level_db", ColumnType.FLOAT32, "dBFS", "RMS level of the step.", decimals=2),
        _share("speech", "Part of the step that is speech."),
    ),
    ("time_s",),
)

MEASURES = TableSchema(
    "measures",
    1,
    "Every result. Either value or category is given, or why says what was missing: an empty value "
    "is never zero.",
    (
        _text("measure", "Id with sampling rule, such as st.ch@30s-point; see the glossary."),
        _text("part", "Cell of a measure with parts (a zone, a code), else empty."),
        _text("stream", "Stream it was measured in, empty for the lesson."),
        _number("value", "see unit", "The number; empty: not measured."),
        _text("category", "The answer of a measure that is not a number.", nullable=True),
        _text("unit", "share, s, count, 1/min, ratio or category."),
        _number("numerator", "", "What was counted."),
        _number("denominator", "", "Out of what."),
        _number("coverage", "share", "Share of the lesson in which it could be observed."),
        _number("ci_low", "see unit", "Lower end of the 95 % interval."),
        _number("ci_high", "see unit", "Upper end of the 95 % interval."),
        _text("formula", "Id of the formula."),
        _text("sampling", "How time was sampled."),
        _text("why", "Code of the reason for an empty value.", nullable=True),
        _text("why_detail", "Figures of the reason, as a JSON object.", nullable=True),
        _text("gates", "Checks passed or failed, as a JSON list."),
        _text("evidence", "Moments it comes from, as a JSON list of [start_s, end_s]."),
    ),
    ("measure", "stream", "part"),
)

SUMMARY = TableSchema(
    "summary",
    1,
    "One row a lesson. After these columns: the metadata of the lessons, then one column for each "
    "measure of the whole lesson, named by its id; an empty cell was not measured.",
    (
        _text("lesson_id", "Lesson."),
        _text("status", "done, failed or refused."),
        _text("reason", "Why a lesson is not done, with the remedy.", nullable=True),
        _int("issues", "count", "Findings about the recording or the analysis."),
        _int("measured", "count", "Measures given."),
        _int("not_measured", "count", "Measures that had to abstain; why is in measures."),
    ),
    ("lesson_id",),
    open_ended=True,
)

SEATS = TableSchema(
    "seats",
    1,
    "Where the seats of a simulated lesson lie in the picture, for the times in which the camera "
    "stands still: the place of the chest of somebody who sits there. No row says who does.",
    (
        _STREAM,
        _text("seat", "r2c3: second row from the front, third from the left of who faces it."),
        _int("row", "", "Row, from 1 at the front."),
        _int("column", "", "Seat within the row, from 1 at the left of who faces the front."),
        _time("start_s", "From when the picture is like this."),
        _time("end_s", "Until when."),
        _pixel("x_px", "Horizontal place."),
        _pixel("y_px", "Vertical place."),
        Column("visible", ColumnType.BOOL, "", "Whether the place lies in the picture."),
    ),
    ("stream", "start_s", "row", "column"),
)

PUBLISHED = (FRAMES, POSES, TRACKS, EVENTS, TURNS, CODES, LEVELS, MEASURES, SUMMARY)
