"""Keys depend on content only; every stage's function exists; the order satisfies dependencies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from classwatch.config import Config
from classwatch.core.lesson import LessonSpec, StreamSpec
from classwatch.core.media import StreamRole
from classwatch.pipeline.graph import build_graph, sound_order
from classwatch.pipeline.prepare import Prepared
from classwatch.pipeline.stage import ModelUse, Stage, load_function


def prepared(*, config: Config | None = None, folder: str = "/a", pose: str = "m1") -> Prepared:
    streams = (
        StreamSpec("front", Path(folder) / "front.mp4", StreamRole.STUDENT_CAM),
        StreamSpec("rear", Path(folder) / "rear.mp4", StreamRole.TEACHER_CAM, offset_s=2.0),
        StreamSpec("mic", Path(folder) / "mic.wav", StreamRole.AUDIO),
    )
    model = ModelUse("some-pose", "pose", Path(folder) / "m.onnx", pose)
    return Prepared(
        lesson=LessonSpec("demo", streams, metadata={"school": "示例学校"}),
        config=config or Config(),
        digests={"front": "d1", "rear": "d2", "mic": "d3"},
        models={"pose": model} if pose else {},
        device="cpu",
        issues=(),
    )


def keys(lesson: Prepared) -> dict[str, str]:
    return {stage.name: stage.key for stage in build_graph(lesson)}


def changed(before: Prepared, after: Prepared) -> set[str]:
    old, new = keys(before), keys(after)
    assert old.keys() == new.keys()
    return {name for name in old if old[name] != new[name]}


def test_upstream_comes_first_and_every_function_exists() -> None:
    done: set[str] = set()
    for stage in build_graph(prepared()):
        assert set(stage.after) <= done
        assert callable(load_function(stage.place))
        done.add(stage.name)
    assert {"pose:front", "people:rear", "turns", "measures", "report"} <= done
    assert "pose:mic" not in done


def test_other_cameras_know_the_teacher_from_the_one_for_the_teacher() -> None:
    after = {stage.name: set(stage.after) for stage in build_graph(prepared())}
    assert {"pose:front", "pose:rear", "people:rear"} <= after["people:front"]
    assert not {"pose:front", "people:front"} & after["people:rear"]
    assert not {"people:rear", "pose:rear"} & after["pose:front"]


def test_sound_is_asked_of_the_audio_stream_first() -> None:
    assert [s.name for s in sound_order(prepared().lesson.streams)] == ["mic", "rear", "front"]


def test_paths_are_not_in_the_keys() -> None:
    assert changed(prepared(), prepared(folder="/elsewhere")) == set()


def test_a_report_language_changes_only_the_report() -> None:
    english = Config().model_copy(
        update={"report": Config().report.model_copy(update={"language": "en"})}
    )
    assert changed(prepared(), prepared(config=english)) == {"report"}


def test_a_metric_definition_leaves_media_and_models_alone() -> None:
    grid = Config().model_copy(
        update={"metrics": Config().metrics.model_copy(update={"st_interval_s": 15})}
    )
    assert changed(prepared(), prepared(config=grid)) == {"measures", "report"}


def test_another_pose_model_leaves_voices_alone() -> None:
    assert changed(prepared(), prepared(pose="m2")) == {
        "pose:front",
        "pose:rear",
        "people:front",
        "people:rear",
        "turns",
        "codes",
        "measures",
        "report",
    }


def test_roles_by_the_rule_do_not_wait_for_pictures() -> None:
    rule = Config().model_copy(
        update={"speakers": Config().speakers.model_copy(update={"roles": "rule"})}
    )
    by_rule = {s.name: s for s in build_graph(prepared(config=rule))}
    by_network = {s.name: s for s in build_graph(prepared())}
    assert by_rule["turns"].after == ("vad", "transcribe", "voices")
    assert {"people:front", "people:rear"} < set(by_network["turns"].after)
    assert changed(prepared(), prepared(config=rule)) == {"turns", "codes", "measures", "report"}


def test_no_pose_model_is_a_result_of_its_own() -> None:
    assert "pose:front" in changed(prepared(), prepared(pose=""))


def test_another_recording_of_the_microphone_leaves_the_pictures_alone() -> None:
    other = replace(prepared(), digests={"front": "d1", "rear": "d2", "mic": "other"})
    touched = changed(prepared(), other)
    speech = {"media:mic", "sound", "vad", "transcribe", "voices", "turns"}
    assert touched == {*speech, "codes", "measures", "report"}


@pytest.mark.parametrize("name", ["version", "settings"])
def test_stage_values_are_frozen(name: str) -> None:
    stage: Stage = build_graph(prepared())[0]
    with pytest.raises(AttributeError):
        setattr(stage, name, None)
