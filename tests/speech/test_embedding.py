"""Voices by embeddings: clustering by hand, and made voices through a network that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classwatch.config.schema import SpeakersConfig
from classwatch.core.speech import SpeechActivity
from classwatch.core.time import intervals
from classwatch.speech.clustering import SAME_PERSON
from classwatch.speech.embedders.onnx import load_embedder
from classwatch.speech.embedding import ByEmbedding, cluster_vectors
from classwatch.speech.speakers import VoiceTurns, find_voices
from tests.speech.sounds import Samples
from tests.speech.tiny_embedder import variance_network, voice

CFG = SpeakersConfig(min_similarity=0.6)


def at(*degrees: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Unit vectors in a plane: the similarity of two is the cosine of the angle between them."""
    angle = np.radians(degrees)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def test_groups_nearer_than_the_threshold_are_one_voice() -> None:
    # 0 and 80 degrees: similarity cos 80 = 0.17. 0 and 50: 0.64.
    apart = cluster_vectors(at(80, 80, 0, 0, 80, 0), 2, 0.5, 8)
    assert apart.voice.tolist() == [0, 0, 1, 1, 0, 1]
    assert apart.second.tolist() == [1, 1, 0, 0, 1, 0]
    # On the scale on which SAME_PERSON is the threshold: (1 - 0.17) / (1 - 0.5) of it.
    expected = SAME_PERSON * (1 - np.cos(np.radians(80))) / 0.5
    assert apart.distance == pytest.approx(np.array([[0, expected], [expected, 0]]))
    together = cluster_vectors(at(50, 50, 0, 0), 2, 0.5, 8)
    assert together.voice.tolist() == [0, 0, 0, 0]
    assert together.second.tolist() == [-1] * 4
    assert together.certainty.tolist() == [1.0] * 4


def test_average_linkage_joins_by_the_mean_over_pairs() -> None:
    # 0, 40 and 80 in twos: 0-40 first (0.77), then both against 80: mean of 0.17 and 0.77 = 0.47.
    vectors = at(0, 0, 40, 40, 80.1, 80.1)
    assert cluster_vectors(vectors, 2, 0.46, 8).voice.max() == 0
    assert cluster_vectors(vectors, 2, 0.48, 8).voice.tolist() == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize(("members", "voices"), [(20, 1), (4, 2)])
def test_groups_whose_centres_coincide_are_one_voice(members: int, voices: int) -> None:
    # Squares of what all share, what a group shares, and what a vector has alone.
    common, shared, own = 0.45, 0.08, 0.47
    count = 2 * members
    vectors = np.zeros((count, 3 + count))
    vectors[:, 0] = np.sqrt(common)
    vectors[np.arange(count), 1 + np.arange(count) % 2] = np.sqrt(shared)
    vectors[np.arange(count), 3 + np.arange(count)] = np.sqrt(own)
    # Within a group 0.53, across 0.45: two at 0.5. Between the centres of groups of 20 the cosine
    # is 0.45 / (0.53 + 0.47 / 20) = 0.81, of groups of 4 it is 0.70.
    assert cluster_vectors(vectors, 2, 0.5, 8).voice.max() + 1 == voices


def test_the_count_has_a_range() -> None:
    # Similarity 0.64: one voice at 0.6, two at 0.7, one at 0.5.
    found = cluster_vectors(at(50, 50, 0, 0), 2, 0.6, 8)
    assert found.count_range == (1, 2)
    assert cluster_vectors(at(120, 120, 0, 0), 2, 0.6, 8).count_range == (2, 2)


def test_a_lone_vector_goes_to_the_nearest_voice_with_little_certainty() -> None:
    found = cluster_vectors(at(0, 0, 0, 50, 110, 110, 110), 2, 0.8, 8)
    assert found.voice.tolist() == [0, 0, 0, 0, 1, 1, 1]
    # Similarities cos 50 = 0.643 and cos 60 = 0.5 against the 0.2 that the threshold leaves.
    assert found.certainty[3] == pytest.approx(0.5 + 0.5 * 0.1428 / 0.2, abs=1e-3)
    assert found.certainty[0] == 1.0


def test_never_more_voices_than_allowed() -> None:
    # 0 and 70 are nearer to each other than either is to 160.
    found = cluster_vectors(at(0, 0, 70, 70, 160, 160), 2, 0.5, 2)
    assert found.voice.tolist() == [0, 0, 0, 0, 1, 1]
    assert found.count_range == (2, 2)
    assert cluster_vectors(at(7), 3, 0.5, 2).voice.tolist() == [0]


def test_of_many_vectors_a_sample_is_clustered_and_every_one_gets_a_voice() -> None:
    generator = np.random.default_rng(0)
    truth = np.repeat(np.arange(70) % 2, 100)
    found = cluster_vectors(at(*(90.0 * truth + generator.normal(0, 5, 7000))), 3, 0.5, 8)
    assert (found.voice == truth).all()


def lesson(*formants_hz: float, length_s: float = 6.0) -> tuple[Samples, SpeechActivity]:
    """Each formant speaks in turn, half a second of near silence between."""
    parts, spans, at_s = [], [], 0.0
    for k, hz in enumerate(formants_hz):
        quiet = 1e-3 * np.random.default_rng(100 + k).standard_normal(8_000)
        parts += [voice(hz, length_s, k), quiet.astype(np.float32)]
        spans.append((at_s, at_s + length_s))
        at_s += length_s + 0.5
    level_db = np.zeros(0, np.float32)
    activity = SpeechActivity(intervals(spans), level_db, 0.02, -60.0, -20.0, 0.0)
    return Samples(np.concatenate(parts)), activity


def heard(
    path: Path, sound: tuple[Samples, SpeechActivity], cfg: SpeakersConfig = CFG
) -> VoiceTurns:
    embedder = load_embedder(variance_network(path / "n.onnx"), "cpu")
    return find_voices(*sound, cfg, teller=ByEmbedding(embedder))


def test_two_made_voices_are_told_apart(tmp_path: Path) -> None:
    found = heard(tmp_path, lesson(500, 2500, 500, 2500))
    assert found.voice_count == 2
    single = ~found.many
    assert single.sum() >= 16
    assert (found.voice == np.where(found.many, -1, found.run % 2)).all()
    assert found.count_range[0] <= 2 <= found.count_range[1]
    assert found.distance[0, 1] > SAME_PERSON
    assert (found.certainty[single] > 0.5).all()


def test_one_made_voice_is_one(tmp_path: Path) -> None:
    found = heard(tmp_path, lesson(900, 900, 900))
    assert found.voice_count == 1
    assert found.count_range[0] == 1


def test_a_voice_that_changes_within_a_run_changes_near_where_it_does(tmp_path: Path) -> None:
    halves = Samples(np.concatenate([voice(500, 9.0, 1), voice(2500, 9.0, 2)]))
    activity = SpeechActivity(
        intervals([(0.0, 18.0)]), np.zeros(0, np.float32), 0.02, -60.0, -20.0, 0.0
    )
    found = heard(tmp_path, (halves, activity))
    assert found.voice_count == 2
    first = found.span[found.voice == 1, 0].min()
    assert first == pytest.approx(9.0, abs=1.2)


def test_no_speech_and_progress(tmp_path: Path) -> None:
    embedder = load_embedder(variance_network(tmp_path / "n.onnx"), "cpu")
    sound, activity = lesson(500, 2500)
    shares: list[float] = []
    find_voices(sound, activity, CFG, shares.append, ByEmbedding(embedder))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    silent = SpeechActivity(intervals([]), np.zeros(0, np.float32), 0.02, -60.0, -20.0, 0.0)
    nobody = find_voices(sound, silent, CFG, teller=ByEmbedding(embedder))
    assert nobody.voice_count == 0
    assert nobody.count_range == (0, 0)
