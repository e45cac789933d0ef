"""pyannote's answers laid over cells, and what is said where it is not there."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pyannote.core import Annotation, Segment

from classwatch.config.schema import SpeakersConfig
from classwatch.core.errors import ModelError
from classwatch.core.progress import silent
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import intervals
from classwatch.speech.clustering import SAME_PERSON
from classwatch.speech.embedders.choose import load_teller
from classwatch.speech.embedders.pyannote import PyannoteVoices, clustering_of, load_pyannote
from classwatch.speech.embedding import ByEmbedding
from classwatch.speech.speakers import find_voices
from classwatch.speech.voiceprint import Cells, measure_cells
from tests.speech.sounds import Samples
from tests.speech.tiny_embedder import variance_network, voice

CFG = SpeakersConfig(hop_s=1.0, max_speakers=3)


def cells_at(*spans: tuple[float, float]) -> Cells:
    n = len(spans)
    return Cells(
        np.array(spans),
        np.arange(n, dtype=np.int32),
        np.zeros(n),
        np.zeros((n, 16)),
        np.zeros((n, 16, 16)),
        np.zeros((n, 3)),
        np.zeros((n, 6)),
    )


def annotation(*turns: tuple[float, float, str]) -> Annotation:
    found = Annotation()
    for k, (start_s, end_s, name) in enumerate(turns):
        found[Segment(start_s, end_s), k] = name
    return found


def test_a_cell_has_the_voice_that_speaks_most_of_it() -> None:
    cells = cells_at((0, 1), (1, 2), (2, 3), (3, 4))
    found = clustering_of(annotation((0.0, 1.4, "z"), (1.25, 2.5, "a"), (3.0, 4.0, "z")), cells)
    # Second cell: z for 0.4 s, a for 0.75 s. Numbers go by who is heard first, not by name.
    assert found.voice.tolist() == [0, 1, 1, 0]
    assert found.second.tolist() == [-1, 0, -1, -1]
    assert found.certainty == pytest.approx([1.0, 0.75 / 1.15, 1.0, 1.0])
    assert found.count_range == (2, 2)
    assert (found.distance[~np.eye(2, dtype=bool)] > SAME_PERSON).all()
    assert not np.diag(found.distance).any()


def test_overlapping_pieces_of_one_speaker_count_once() -> None:
    found = clustering_of(annotation((0, 1, "a"), (0, 1, "a"), (0, 1, "b")), cells_at((0, 1)))
    assert found.certainty == pytest.approx([0.5])


def test_where_nobody_is_named_the_nearest_voice_is_taken_without_certainty() -> None:
    cells = cells_at((0, 1), (2, 3), (5, 6), (7, 8), (20, 21))
    found = clustering_of(annotation((2, 3, "a"), (7, 8, "b")), cells)
    # The cell at 5.5 s is 3 s from that at 2.5 s and 2 s from that at 7.5 s.
    assert found.voice.tolist() == [0, 0, 1, 1, 1]
    assert found.certainty.tolist() == [0.0, 1.0, 0.0, 1.0, 0.0]


def test_one_cell_and_nobody_anywhere() -> None:
    one = clustering_of(annotation((0, 1, "a")), cells_at((0.5, 1.5)))
    assert (one.voice.tolist(), one.second.tolist(), one.count_range) == ([0], [-1], (1, 1))
    none = clustering_of(Annotation(), cells_at((0, 1), (1, 2)))
    assert none.voice.tolist() == [0, 0]
    assert none.certainty.tolist() == [0.0, 0.0]


@dataclass
class Answering:
    """Stands for a pipeline of pyannote.audio: it answers what it is told to."""

    answer: Any
    asked: list[tuple[NDArray[np.float32], int, dict[str, int]]] = field(default_factory=list)

    def __call__(self, heard: dict[str, Any], **limits: int) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        self.asked.append((heard["waveform"].numpy(), heard["sample_rate"], limits))
        return self.answer


@dataclass
class Version4:
    """The shape of version 4's answer."""

    speaker_diarization: Annotation


TALK = Samples(np.concatenate([voice(500, 3.0, 0), voice(900, 3.0, 1)]))
ALL = SpeechActivity(intervals([(0.0, 6.0)]), np.zeros(60, np.float32), 0.1, -80.0, -20.0, 0.0)
TURNS = annotation((0, 3, "SPEAKER_01"), (3, 6, "SPEAKER_00"))


@pytest.mark.parametrize("answer", [TURNS, Version4(TURNS)])
def test_voices_of_a_sound(answer: Any) -> None:
    pipeline = Answering(answer)
    voices = find_voices(TALK, ALL, CFG, teller=PyannoteVoices(pipeline, "somewhere"))
    assert voices.voice.tolist() == [0, 0, 0, 1, 1, 1]
    ((waveform, rate_hz, limits),) = pipeline.asked
    assert waveform.shape == (1, 6 * 16_000)
    assert waveform[0] == pytest.approx(TALK.samples)
    assert (rate_hz, limits) == (16_000, {"min_speakers": 1, "max_speakers": 3})


def test_nobody_speaks_and_nobody_is_asked() -> None:
    pipeline = Answering(TURNS)
    quiet = SpeechActivity(intervals(), ALL.level_db, 0.1, -80.0, -20.0, 0.0)
    cells = measure_cells(TALK, quiet, 1.0, silent)
    assert len(PyannoteVoices(pipeline, "").tell(TALK, cells, CFG, silent).voice) == 0
    assert pipeline.asked == []


def test_what_fails_inside_is_told_with_the_folder() -> None:
    teller = PyannoteVoices(Answering(RuntimeError("out of memory")), "/models/community")
    with pytest.raises(ModelError, match="out of memory") as caught:
        find_voices(TALK, ALL, CFG, teller=teller)
    assert caught.value.subject == "/models/community"


def test_a_folder_that_is_no_pipeline(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.yaml") as caught:
        load_teller(tmp_path, "cpu")
    assert "classwatch models import" in caught.value.remedy


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text("pipeline: {name: x}\n")
    monkeypatch.setitem(sys.modules, "pyannote.audio", None)
    with pytest.raises(ModelError, match=r"pyannote\.audio.*not installed") as caught:
        load_pyannote(tmp_path, "cpu")
    assert 'pip install "classwatch[pyannote]"' in caught.value.remedy
    assert "speakers.model=none" in caught.value.remedy


def test_a_file_is_a_network(tmp_path: Path) -> None:
    teller = load_teller(variance_network(tmp_path / "n.onnx"), "cpu")
    assert isinstance(teller, ByEmbedding)
