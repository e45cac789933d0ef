"""Marked points of the floor from the manifest to the stages that use them."""

from __future__ import annotations

from pathlib import Path

from classwatch.config import Config
from classwatch.config.schema import FloorConfig, FloorPoint
from classwatch.exchange.manifest import find_lessons
from classwatch.pipeline.graph import build_graph
from classwatch.pipeline.options import RunOptions
from classwatch.pipeline.prepare import Prepared, prepare
from classwatch.store.cache import Cache

POINTS = "120 610 0 2; 1180 600 6 2; 900 300 6 8; 350 305 0 8"
GENERAL = FloorPoint(stream="mixed", x=0.5, y=0.5, x_m=1, y_m=1)
ELSEWHERE = FloorPoint(stream="teacher_cam", x=0.5, y=0.5, x_m=1, y_m=1)


def prepared(folder: Path, floor: str) -> Prepared:
    folder.mkdir()
    (folder / "x.mp4").write_bytes(b"not looked into")
    table = folder / "lessons.csv"
    table.write_text(f"file,floor\nx.mp4,{floor}\n", encoding="utf-8")
    (source,) = find_lessons([table])
    config = Config(floor=FloorConfig(points=(GENERAL, ELSEWHERE)))
    found = prepare(source, config, RunOptions(), Cache(folder / "cache"), folder / "out")
    assert isinstance(found, Prepared)
    return found


def test_a_lessons_own_points_take_the_place_of_the_general_ones(tmp_path: Path) -> None:
    own, none = prepared(tmp_path / "a", POINTS), prepared(tmp_path / "b", "")
    assert none.config.floor.points == (GENERAL, ELSEWHERE)
    points = own.config.floor.points
    assert points[0] == ELSEWHERE
    assert [(p.stream, p.x, p.y, p.x_m, p.y_m, p.unit) for p in points[1:3]] == [
        ("mixed", 120, 610, 0, 2, "px"),
        ("mixed", 1180, 600, 6, 2, "px"),
    ]
    keys = [{stage.name: stage.key for stage in build_graph(p)} for p in (own, none)]
    assert {name for name in keys[0] if keys[0][name] != keys[1][name]} == {"measures", "report"}
