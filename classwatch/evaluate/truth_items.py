"""The kinds of truth that a suite can name, one class each, with what is read from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from classwatch.core.speech import SpeakerRole

Name = Annotated[str, Field(min_length=1)]
Moment = Annotated[float, Field(ge=0, le=7 * 24 * 3600, allow_inf_nan=False)]
Roles = dict[str, SpeakerRole]
"""Roles by speaker or tier, where its wording (``T``, ``老师``, ``S3``) does not say them."""


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FolderTruth(_Item):
    """A lesson folder in our own schemas, as ``classwatch simulate`` writes it."""

    kind: Literal["folder"]
    path: Name


class RttmTruth(_Item):
    """Who spoke when (RTTM), and which parts were annotated (UEM)."""

    kind: Literal["rttm"]
    path: Name
    recording: str = ""
    """Needed where the file speaks of several recordings."""
    uem: str = ""
    roles: Roles = {}


class SpeechTruth(_Item):
    """Where speech is, written into the suite itself, and which parts were annotated."""

    kind: Literal["speech"]
    speech: tuple[tuple[Moment, Moment], ...]
    within: tuple[tuple[Moment, Moment], ...] = ()


class TranscriptTruth(_Item):
    """Words with times: SRT, WebVTT, Whisper JSON, TextGrid."""

    kind: Literal["transcript"]
    path: Name
    turns: bool = False
    """Whether its segments are also taken as turns."""
    roles: Roles = {}


class StmTruth(_Item):
    """Words with times and speakers (STM)."""

    kind: Literal["stm"]
    path: Name
    recording: str = ""
    turns: bool = False
    roles: Roles = {}


class TrnTruth(_Item):
    """Words without times (TRN): one utterance of the file is the whole recording."""

    kind: Literal["trn"]
    path: Name
    utterance: Name


class TextTruth(_Item):
    """What is said in the whole recording, written into the suite itself."""

    kind: Literal["text"]
    text: Name
    language: str = ""


class EafTruth(_Item):
    """An ELAN file: tiers as turns, as words or as codes."""

    kind: Literal["eaf"]
    path: Name
    turns: dict[str, SpeakerRole] = {}
    """Tiers that are speakers, with their roles."""
    words: bool = False
    """Whether the annotations of those tiers are what was said."""
    codes: dict[str, str] = {}
    """Tiers that are codings: tier to name of the code stream."""
    labels: dict[str, str] = {}
    """Label of everything in a tier, where the tier is the code and not its text."""
    events: bool = False
    """Whether tiers named like an event (``hand_raised``) are events."""


class BorisTruth(_Item):
    """A BORIS observation: its behaviours as codes or events."""

    kind: Literal["boris"]
    path: Name
    observation: str = ""
    codes: str = "boris"
    """Name of the code stream that it becomes."""
    rename: dict[str, str] = {}
    """Behaviour to code."""


class CodesTruth(_Item):
    """Labelled intervals from a CSV file: a coding, turns or events."""

    kind: Literal["intervals"]
    path: Name
    label_column: str = ""
    as_: Annotated[Literal["codes", "turns", "events"], Field(alias="as")] = "codes"
    codes: str = "codes"
    """Name of the code stream that it becomes."""
    stream: str = ""
    """For events: the stream they were seen in."""
    roles: Roles = {}
    rename: dict[str, str] = {}


class CocoTruth(_Item):
    """People in one picture (COCO keypoints); ``file`` is its name in the annotation."""

    kind: Literal["coco"]
    path: Name
    file: Name
    stream: str = ""
    """Empty: the only picture stream."""
    keypoints: bool = True
    """Whether keypoints were annotated and not only boxes."""


class CocoSeriesTruth(_Item):
    """People in the pictures of a stream (COCO), whose file names hold their times."""

    kind: Literal["coco_series"]
    path: Name
    stream: str = ""
    every_s: Annotated[float, Field(gt=0, le=600)]
    """The pictures, in order of name, are this far apart, the first at time 0."""
    keypoints: bool = True


class YoloTruth(_Item):
    """People's boxes in one picture (YOLO label file)."""

    kind: Literal["yolo_boxes"]
    path: Name
    width_px: Annotated[int, Field(gt=0)]
    height_px: Annotated[int, Field(gt=0)]
    stream: str = ""
    classes: tuple[int, ...] | None = None
    """Classes that are people; empty: all."""


class PeopleLinesTruth(_Item):
    """People by picture as JSON lines, as in ``samples/lesson60``."""

    kind: Literal["people_lines"]
    path: Name
    stream: str = ""


class CountTruth(_Item):
    """How many people a picture shows, in all of its time; from a table or written here."""

    kind: Literal["count"]
    people: Annotated[int, Field(ge=0)] | None = None
    path: str = ""
    row: str = ""
    """With ``path``: the cell of the column ``file`` that names this picture."""
    stream: str = ""


TruthItem = Annotated[
    FolderTruth
    | RttmTruth
    | SpeechTruth
    | TranscriptTruth
    | StmTruth
    | TrnTruth
    | TextTruth
    | EafTruth
    | BorisTruth
    | CodesTruth
    | CocoTruth
    | CocoSeriesTruth
    | YoloTruth
    | PeopleLinesTruth
    | CountTruth,
    Field(discriminator="kind"),
]
