"""The score of what tells voices apart, with answers that are known to be right or wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig
from classwatch.core.progress import Progress
from classwatch.core.speech import SpeakerRole, Turn
from classwatch.speech.clustering import Clustering
from classwatch.speech.sound import Sound
from classwatch.speech.voiceprint import Cells
from classwatch.train.sounds.fit import Held
from classwatch.train.voices.scores import Lesson, error_rate
from tests.speech.tiny_embedder import voice

pytest.importorskip("pyannote.metrics")


@dataclass(frozen=True)
class ChangesAt:
    """Says that another voice begins at a time."""

    time_s: float

    def tell(
        self, audio: Sound, cells: Cells, cfg: SpeakersConfig, progress: Progress
    ) -> Clustering:
        voice = (cells.span.mean(axis=1) > self.time_s).astype(np.int32)
        n = len(voice)
        nobody = np.full(n, -1, np.int32)
        return Clustering(voice, np.ones(n), nobody, np.zeros((2, 2)), (2, 2))


def turn(start_s: float, end_s: float, who: str) -> Turn:
    return Turn(start_s, end_s, SpeakerRole.STUDENT, who, 1.0)


LESSON = Lesson(
    Held(np.concatenate([voice(500, 6.0, 0), voice(900, 6.0, 1)])),
    (turn(0.0, 6.0, "S1"), turn(6.0, 12.0, "S2")),
)


@pytest.mark.parametrize(("change_s", "expected"), [(6.0, 0.0), (9.0, 2.75 / 11.0)])
def test_error_is_the_time_under_the_wrong_voice(change_s: float, expected: float) -> None:
    # A quarter of a second at both edges of a turn is not scored: 5.5 s of each are left, and of
    # S2's all up to 9 s is wrong, which is 2.75 s.
    assert error_rate([LESSON], ChangesAt(change_s), 0.4) == pytest.approx(expected, abs=1e-6)
