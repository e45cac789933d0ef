"""Every kind of truth, read into what it says of the lesson."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter

from classwatch.core.errors import InputError, UsageError
from classwatch.core.events import EventKind
from classwatch.core.people import PersonRole
from classwatch.core.pose import KEYPOINTS
from classwatch.core.speech import SpeakerRole, Turn
from classwatch.evaluate.material import Material
from classwatch.evaluate.truth import read_truth
from classwatch.evaluate.truth_items import TruthItem
from classwatch.exchange.eaf import Annotation, Tier, eaf_text

ADAPTER: TypeAdapter[TruthItem] = TypeAdapter(TruthItem)


def read(folder: Path, *items: dict[str, object]) -> Material:
    given = [ADAPTER.validate_python(item) for item in items]
    return read_truth(given, lambda text: folder / text, "suite")


def test_speech_and_its_annotated_part_can_stand_in_the_suite(tmp_path: Path) -> None:
    known = read(tmp_path, {"kind": "speech", "speech": [[2, 3], [1, 2]], "within": [[0, 5]]})
    assert known.speech is not None
    assert known.speech.tolist() == [[1.0, 3.0]]
    assert known.scored is not None
    assert known.scored.tolist() == [[0.0, 5.0]]
    assert known.turns is None


def test_a_recording_must_be_named_where_a_file_holds_several(tmp_path: Path) -> None:
    (tmp_path / "a.rttm").write_text(
        "SPEAKER x 1 0 1 <NA> <NA> A <NA> <NA>\nSPEAKER y 1 0 2 <NA> <NA> B <NA> <NA>\n", "utf-8"
    )
    item: dict[str, object] = {"kind": "rttm", "path": "a.rttm"}
    with pytest.raises(InputError, match="x, y"):
        read(tmp_path, item)
    known = read(tmp_path, item | {"recording": "y", "roles": {"B": "teacher"}})
    assert known.turns is not None
    assert [(t.end_s, t.role) for t in known.turns] == [(2.0, SpeakerRole.TEACHER)]
    silent = read(tmp_path, item | {"recording": "z"})
    assert silent.turns == ()
    assert silent.speech is not None
    assert len(silent.speech) == 0


def test_a_uem_without_the_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.rttm").write_text("SPEAKER x 1 0 1 <NA> <NA> A <NA> <NA>\n", "utf-8")
    (tmp_path / "a.uem").write_text("y 1 0 5\n", "utf-8")
    with pytest.raises(InputError, match=r"a\.uem"):
        read(tmp_path, {"kind": "rttm", "path": "a.rttm", "uem": "a.uem"})


def test_a_transcript_gives_words_and_turns_with_roles(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(
        "WEBVTT\n\n00:00.000 --> 00:02.000\n<v 老师>你好\n\n00:02.500 --> 00:03.000\n<v 小明>好\n",
        "utf-8",
    )
    item: dict[str, object] = {"kind": "transcript", "path": "a.vtt"}
    assert read(tmp_path, item).turns is None
    known = read(tmp_path, item | {"turns": True, "roles": {"小明": "student"}})
    assert known.turns is not None
    assert [t.role.value for t in known.turns] == ["teacher", "student"]
    assert known.transcript is not None
    assert [s.role.value for s in known.transcript.segments] == ["teacher", "student"]


def test_an_eaf_gives_turns_words_codes_and_events(tmp_path: Path) -> None:
    tiers = [
        Tier("Lehrer", (Annotation(0.0, 2.0, "谁来回答"),)),
        Tier("fias", (Annotation(0.0, 3.0, "4"), Annotation(3.0, 6.0, "8"))),
        Tier("hand_raised", (Annotation(2.0, 4.0, ""),)),
    ]
    (tmp_path / "a.eaf").write_text(eaf_text(tiers), "utf-8")
    item: dict[str, object] = {
        "kind": "eaf",
        "path": "a.eaf",
        "turns": {"Lehrer": "teacher"},
        "words": True,
        "codes": {"fias": "fias"},
        "events": True,
    }
    known = read(tmp_path, item)
    assert known.turns is not None
    assert [(t.start_s, t.end_s, t.role.value) for t in known.turns] == [(0.0, 2.0, "teacher")]
    assert known.transcript is not None
    assert known.transcript.segments[0].text == "谁来回答"
    assert [c.label for c in known.codes["fias"]] == ["4", "8"]
    assert known.events is not None
    assert [(e.kind, e.start_s) for e in known.events] == [(EventKind.HAND_RAISED, 2.0)]
    with pytest.raises(InputError, match="no tier 'Teacher'"):
        read(tmp_path, {"kind": "eaf", "path": "a.eaf", "turns": {"Teacher": "teacher"}})


def test_intervals_can_be_turns_events_or_codes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("start_s,end_s,label\n0,1,up\n2,3,T\n", "utf-8")
    item: dict[str, object] = {"kind": "intervals", "path": "a.csv"}
    turns = read(tmp_path, item | {"as": "turns"}).turns
    assert turns is not None
    assert [t.role.value for t in turns] == ["unknown", "teacher"]
    rename = {"up": "hand_raised", "T": "standing"}
    events = read(tmp_path, item | {"as": "events", "rename": rename, "stream": "cam"}).events
    assert events is not None
    assert [(e.kind.value, e.stream) for e in events] == [
        ("hand_raised", "cam"),
        ("standing", "cam"),
    ]
    with pytest.raises(UsageError, match="no kind of event"):
        read(tmp_path, item | {"as": "events"})
    codes = read(tmp_path, item | {"codes": "own"}).codes
    assert [c.label for c in codes["own"]] == ["up", "T"]


def test_people_lines_give_boxes_tracks_roles_and_visibility(tmp_path: Path) -> None:
    person = {
        "id": 3,
        "role": "teacher",
        "box": [1, 2, 3, 4],
        "visible": 0.5,
        "kp": [[5, 6, 2], [7, 8, 1]] + [[0, 0, 0]] * (len(KEYPOINTS) - 2),
    }
    lines = [{"t": 0.0, "people": []}, {"t": 0.125, "people": [person]}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    seen = read(tmp_path, {"kind": "people_lines", "path": "a.jsonl", "stream": "cam"}).people[
        "cam"
    ]
    assert np.array_equal(seen.series.frame_times_s, [0.0, 0.125])
    assert seen.series.people.boxes_px.tolist() == [[1, 2, 3, 4]]
    assert seen.series.people.keypoints[0, :3, 2].tolist() == [1.0, 0.5, 0.0]
    assert seen.tracks is not None
    assert [(r.track_id, r.role) for r in seen.tracks.roles] == [(3, PersonRole.TEACHER)]
    assert seen.visible is not None
    assert seen.visible.tolist() == [0.5]
    (tmp_path / "a.jsonl").write_text('{"t": 0}', "utf-8")
    with pytest.raises(InputError, match=r"a\.jsonl"):
        read(tmp_path, {"kind": "people_lines", "path": "a.jsonl"})


def test_counts_come_from_a_table_by_name(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("file,persons\na.png,17\nb.mp4,0-1\n", "utf-8")
    item: dict[str, object] = {"kind": "count", "path": "c.csv", "row": "a.png"}
    assert read(tmp_path, item).people_counts == {"": 17}
    with pytest.raises(InputError, match=r"b\.mp4"):
        read(tmp_path, item | {"row": "b.mp4"})


@pytest.mark.shared
def test_the_real_elan_file_has_the_turns_of_its_table(shared: Path) -> None:
    folder = shared / "data" / "observation" / "childproject"
    roles = {"CHI": "student", "FA1": "teacher", "FA2": "teacher", "MA1": "unknown"}
    known = read(folder, {"kind": "eaf", "path": "eaf.eaf", "turns": roles})
    table = read(folder, {"kind": "intervals", "path": "eaf.csv", "as": "turns", "roles": roles})
    assert known.turns is not None
    assert table.turns is not None
    expected = [t for t in table.turns if t.speaker in roles]

    def rounded(turns: list[Turn]) -> list[tuple[float, float, str]]:
        return sorted((round(t.start_s, 3), round(t.end_s, 3), t.speaker) for t in turns)

    assert rounded(list(known.turns)) == rounded(expected)
