from __future__ import annotations

import numpy as np
import pytest

from classwatch.simulate.figures.body import Body, Chair
from classwatch.simulate.figures.bones import NUMBER
from classwatch.simulate.figures.schematic import schematic_heads
from classwatch.simulate.figures.seated import Draw, seated_pose
from classwatch.simulate.figures.standing import stand_at_desk, standing_pose, walk_row
from classwatch.simulate.script import ActKind

BODIES = {"child": (1.28, 8.0), "youth": (1.58, 14.0), "adult": (1.78, 35.0)}
CHAIRS = {
    "child": Chair(0.36, 0.64, 0.22),
    "youth": Chair(0.42, 0.72, 0.22),
    "adult": Chair(0.45, 0.76, 0.22),
}
AT_DESKS = (
    ActKind.LISTEN,
    ActKind.WRITE,
    ActKind.READ,
    ActKind.RAISE_HAND,
    ActKind.TURN_LEFT,
    ActKind.TURN_RIGHT,
    ActKind.TURN_BACK,
    ActKind.SLEEP,
    ActKind.DEVICE,
    ActKind.CHIN,
)
ON_FEET = (
    ActKind.FACE,
    ActKind.GESTURE,
    ActKind.BOARD,
    ActKind.POINT,
    ActKind.PODIUM,
    ActKind.LEAN,
    ActKind.STAND,
)


def draw(size: str, seed: int, side: str = "R") -> Draw:
    body = Body(schematic_heads(*BODIES[size]))
    return Draw(body, CHAIRS[size], np.random.default_rng(seed), "L" if side == "L" else "R")


def joints(made: Draw, row: np.ndarray) -> dict[str, np.ndarray]:
    found = made.body.skeleton.solve(row[None])
    places = {name: found.joints_m[0, k] for name, k in NUMBER.items()}
    skull = found.rotations[0, NUMBER["head"]]
    places["nose"] = places["head"] + skull @ np.array([0.0, 0.06, 0.12])
    places["ahead"] = skull @ np.array([0.0, 0.0, 1.0])
    return places


def seated(size: str, kind: ActKind, seed: int, side: str = "R") -> dict[str, np.ndarray]:
    made = draw(size, seed, side)
    return joints(made, seated_pose(made, kind).row)


@pytest.mark.parametrize("size", BODIES)
@pytest.mark.parametrize("kind", AT_DESKS)
def test_everybody_at_a_desk_sits_on_the_chair_with_feet_above_the_floor(
    kind: ActKind, size: str
) -> None:
    chair = CHAIRS[size]
    for seed in range(8):
        at = seated(size, kind, seed)
        hip = (at["upperleg01.L"] + at["upperleg01.R"]) / 2
        assert 0.02 < hip[1] - chair.seat_height_m < 0.16
        for side in "LR":
            ankle_height_m = schematic_heads(*BODIES[size])[NUMBER["foot.L"], 1]
            assert at[f"foot.{side}"][1] > ankle_height_m - 0.01
            # Nobody's hand goes through the desk from above: under it only in the lap.
            over_desk = at[f"wrist.{side}"][2] > chair.desk_edge_m + 0.05
            assert not over_desk or at[f"wrist.{side}"][1] > chair.desk_height_m - 0.01


@pytest.mark.parametrize("size", BODIES)
@pytest.mark.parametrize("side", ["L", "R"])
def test_a_raised_wrist_is_above_its_shoulder_and_the_other_is_not(size: str, side: str) -> None:
    other = "L" if side == "R" else "R"
    lifts = []
    for seed in range(12):
        at = seated(size, ActKind.RAISE_HAND, seed, side)
        lifts.append(at[f"wrist.{side}"][1] - at[f"upperarm01.{side}"][1])
        assert at[f"wrist.{other}"][1] < at[f"upperarm01.{other}"][1]
    stature_m = BODIES[size][0]
    assert max(lifts) > 0.2 * stature_m  # arms straight up are among them
    assert min(lifts) > 0
    assert np.std(lifts) > 0.05  # and elbows on the desk, too


def test_turning_goes_to_the_own_left_right_and_round() -> None:
    for seed in range(6):
        assert seated("child", ActKind.TURN_LEFT, seed)["ahead"][0] > 0.5
        assert seated("child", ActKind.TURN_RIGHT, seed)["ahead"][0] < -0.5
        assert seated("child", ActKind.TURN_BACK, seed, "L")["ahead"][2] < -0.2
        assert seated("child", ActKind.TURN_BACK, seed, "R")["ahead"][2] < -0.2
        assert seated("child", ActKind.LISTEN, seed)["ahead"][2] > 0.85


@pytest.mark.parametrize("size", BODIES)
def test_heads_go_down_to_write_read_use_a_device_and_sleep(size: str) -> None:
    chair = CHAIRS[size]
    for seed in range(6):
        up = seated(size, ActKind.LISTEN, seed)
        for kind in (ActKind.WRITE, ActKind.DEVICE, ActKind.SLEEP):
            down = seated(size, kind, seed)
            assert down["ahead"][1] < up["ahead"][1] - 0.2, kind
        asleep = seated(size, ActKind.SLEEP, seed)
        assert asleep["head"][1] < up["head"][1] - 0.08 * BODIES[size][0]
        assert asleep["head"][1] < chair.desk_height_m + 0.25


def test_a_chin_rests_in_the_hand() -> None:
    for size in BODIES:
        for seed in range(6):
            at = seated(size, ActKind.CHIN, seed)
            assert np.linalg.norm(at["wrist.R"] - at["nose"]) < 0.2
            assert np.linalg.norm(at["wrist.L"] - at["nose"]) > 0.2


@pytest.mark.parametrize("kind", ON_FEET)
@pytest.mark.parametrize("size", BODIES)
def test_both_feet_of_people_on_their_feet_are_on_the_floor(size: str, kind: ActKind) -> None:
    for seed in range(6):
        made = draw(size, seed)
        at = joints(made, standing_pose(made, kind).row)
        for side in "LR":
            assert at[f"foot.{side}"][1] == pytest.approx(made.body.ankle_height_m, abs=0.01)
            # Straight or nearly: a standing leg is not a crouching one.
            leg_m = np.linalg.norm(at[f"foot.{side}"] - at[f"upperleg01.{side}"])
            assert leg_m > 0.9 * (made.body.thigh_m + made.body.shin_m)


def test_a_student_on_their_feet_stands_upright_before_the_chair() -> None:
    for seed in range(6):
        made = draw("youth", seed)
        at = joints(made, stand_at_desk(made).row)
        assert at["head"][1] == pytest.approx(made.body.joint("head")[1], abs=0.03)
        assert 0.0 <= at["root"][2] <= made.chair.desk_edge_m


def test_at_the_board_the_writing_hand_is_up_ahead_and_in_pointing_out() -> None:
    for side in "LR":
        for seed in range(6):
            made = draw("adult", seed, side)
            board = joints(made, standing_pose(made, ActKind.BOARD).row)
            assert board[f"wrist.{side}"][1] > board[f"upperarm01.{side}"][1]
            assert board[f"wrist.{side}"][2] > 0.25
            point = joints(made, standing_pose(made, ActKind.POINT).row)
            reach_m = np.linalg.norm(point[f"wrist.{side}"] - point[f"upperarm01.{side}"])
            assert reach_m > 0.85 * made.body.arm_m


def test_walking_lifts_one_foot_at_a_time_and_repeats_after_two_steps() -> None:
    made = draw("adult", 0)
    floor_m = made.body.ankle_height_m
    lifted = []
    for phase in np.linspace(0, 1, 24, endpoint=False):
        at = joints(made, walk_row(made.body, float(phase), 1.0))
        heights = [at[f"foot.{s}"][1] - floor_m for s in "LR"]
        assert min(heights) < 0.012
        lifted.append(int(np.argmax(heights)))
    assert set(lifted) == {0, 1}
    np.testing.assert_allclose(
        walk_row(made.body, 0.2, 1.0), walk_row(made.body, 3.2, 1.0), atol=1e-9
    )


def test_one_seed_gives_one_pose_and_two_seeds_two() -> None:
    first, again, second = (seated_pose(draw("child", s), ActKind.WRITE).row for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - second).max() > 0.01
