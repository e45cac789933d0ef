"""What holds of every scorer: names, ids, options, nothing scored, quick imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from classwatch.core.errors import ModelError
from classwatch.evaluate.scores.activities import Activities
from classwatch.evaluate.scores.average_precision import KeypointPrecision
from classwatch.evaluate.scores.boundaries import TurnBoundaries
from classwatch.evaluate.scores.codes import Codes
from classwatch.evaluate.scores.diarisation import (
    Diarisation,
    Jaccard,
    RoleDiarisation,
    SpeakerCount,
)
from classwatch.evaluate.scores.events import Events
from classwatch.evaluate.scores.head_counts import HeadCounts
from classwatch.evaluate.scores.keypoints import Keypoints
from classwatch.evaluate.scores.keys import key, named, parts_of, total
from classwatch.evaluate.scores.measures import MeasureErrors
from classwatch.evaluate.scores.people import People
from classwatch.evaluate.scores.person_roles import PersonRoles
from classwatch.evaluate.scores.pictures import true_people
from classwatch.evaluate.scores.questions import Questions
from classwatch.evaluate.scores.roles import SpeakerRoles
from classwatch.evaluate.scores.tracks import TrackIdentity
from classwatch.evaluate.scores.voice_activity import VoiceActivity
from classwatch.evaluate.scores.wait_time import WaitTime
from classwatch.evaluate.scores.words import Words
from classwatch.evaluate.tally import Scorer, Tally
from tests.evaluate.scores.builders import Box, said, series, whole

BOX: Box = (0, 0, 100, 200)

SCORERS: tuple[Scorer, ...] = (
    Diarisation(),
    RoleDiarisation(),
    Jaccard(),
    SpeakerCount(),
    VoiceActivity(),
    SpeakerRoles(),
    TurnBoundaries(),
    WaitTime(),
    Words(),
    People(),
    Keypoints(),
    KeypointPrecision(),
    TrackIdentity(),
    PersonRoles(),
    HeadCounts(),
    Events(),
    Activities(),
    Codes(),
    Questions(),
    MeasureErrors(),
)


def test_names_are_unique() -> None:
    assert len({scorer.name for scorer in SCORERS}) == len(SCORERS)


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda scorer: scorer.name)
def test_an_empty_tally_gives_no_number_and_says_why(scorer: Scorer) -> None:
    for figure in scorer.figures(Tally({})):
        assert figure.value is None
        assert figure.why
        assert figure.better in ("higher", "lower", "zero")
        assert figure.metric.startswith(scorer.name)


def test_options_stand_in_the_id() -> None:
    wide, narrow = Diarisation(0.25), Diarisation(0.0, overlap=False)
    ids = {f.metric for f in wide.figures(Tally({}))}
    assert ids.isdisjoint(f.metric for f in narrow.figures(Tally({})))
    assert "speech.der@collar=0.25,overlap" in ids


@pytest.mark.parametrize(
    ("module", "count"),
    [
        ("pyannote.core", lambda: Diarisation().count([], [], whole(1))),
        ("pyannote.metrics.diarization", lambda: Jaccard().count([], [], whole(1))),
        ("jiwer", lambda: Words().count([said(0, "a")], [said(0, "b")], "en")),
        (
            "pycocotools.coco",
            lambda: KeypointPrecision().count(true_people("f", series([[BOX]])), series([[BOX]])),
        ),
    ],
)
def test_a_missing_library_is_named_with_its_remedy(
    module: str, count: Callable[[], Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    # None in sys.modules makes an import fail as if it were not installed.
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelError, match=r'pip install "classwatch\[eval\]"'):
        count()


def test_keys() -> None:
    name = key("hit", "front\tleft", "<40")
    assert parts_of(name) == ("hit", "front left", "<40")
    counts = {name: 2.0, key("hit", "rear", "<40"): 3.0, key("miss", "rear", "<40"): 9.0}
    assert named(counts, "hit") == {("front left", "<40"): 2.0, ("rear", "<40"): 3.0}
    assert total(counts, "hit") == 5
    assert total(counts, "hit", "rear") == 3
    assert total(counts, "hit", None, "<40") == 5
    assert total(counts, "nothing") == 0


def test_importing_scorers_loads_no_heavy_library() -> None:
    heavy = ("pyannote", "pandas", "sklearn", "jiwer", "pycocotools", "scipy", "torch")
    modules = sorted({type(scorer).__module__ for scorer in SCORERS})
    code = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
print([name for name in {heavy!r} if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
