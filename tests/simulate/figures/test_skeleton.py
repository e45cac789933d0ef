from __future__ import annotations

import numpy as np
import pytest

from classwatch.simulate.figures.bones import BONES, MIRRORED, NUMBER, PARENT_OF, pair
from classwatch.simulate.figures.channels import Pose
from classwatch.simulate.figures.rotations import unit
from classwatch.simulate.figures.schematic import schematic_heads
from classwatch.simulate.figures.skeleton import Skeletons

HEADS = schematic_heads(1.70, 30.0)
SIDES = ("L", "R")


def rest_pose(heads: np.ndarray) -> Pose:
    """The pose that asks for what the rest position is."""

    def at(name: str) -> np.ndarray:
        return heads[NUMBER[name]]

    pose = Pose()
    hips = (at("upperleg01.L") + at("upperleg01.R")) / 2
    pose["root"] = hips
    for s in SIDES:
        pose[f"wrist.{s}"], pose[f"ankle.{s}"] = at(f"wrist.{s}"), at(f"foot.{s}")
        pose[f"elbow.{s}"] = at(f"lowerarm01.{s}") - (at(f"wrist.{s}") + at(f"upperarm01.{s}")) / 2
        pose[f"knee.{s}"] = at(f"lowerleg01.{s}") - (at(f"foot.{s}") + at(f"upperleg01.{s}")) / 2
        pose[f"hand.{s}"] = at(f"fingers1.{s}") - at(f"wrist.{s}")
        thumb = at(f"thumb1.{s}") - at(f"wrist.{s}")
        pose[f"palm.{s}"] = np.cross(pose[f"hand.{s}"], thumb) * (1 if s == "L" else -1)
    return pose


def random_rows(count: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.tile(rest_pose(HEADS).row, (count, 1))
    return rows + 0.25 * rng.standard_normal(rows.shape)


def test_asking_for_the_rest_position_gives_the_rest_position() -> None:
    posed = Skeletons(HEADS[None]).solve(rest_pose(HEADS).row[None])
    # The knees of the made figure are bent by 2 degrees only: a millimetre is what to expect.
    np.testing.assert_allclose(posed.joints_m[0], HEADS, atol=4e-3)


def test_bones_keep_their_length_and_rotations_are_rotations() -> None:
    posed = Skeletons(HEADS[None]).solve(random_rows(30))
    identity = posed.rotations @ np.swapaxes(posed.rotations, -1, -2)
    np.testing.assert_allclose(identity, np.broadcast_to(np.eye(3), identity.shape), atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(posed.rotations), 1, atol=1e-9)
    for name in BONES[1:]:
        b, a = NUMBER[name], NUMBER[PARENT_OF[name]]
        if PARENT_OF[name] == "":
            continue
        rest = np.linalg.norm(HEADS[b] - HEADS[a])
        now = np.linalg.norm(posed.joints_m[:, b] - posed.joints_m[:, a], axis=1)
        np.testing.assert_allclose(now, rest, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("end", ["wrist", "foot"])
def test_hands_and_feet_reach_what_is_within_reach(end: str) -> None:
    top, middle = {
        "wrist": ("upperarm01", "lowerarm01"),
        "foot": ("upperleg01", "lowerleg01"),
    }[end]
    skeletons = Skeletons(HEADS[None])
    rows = np.tile(rest_pose(HEADS).row, (60, 1))
    rng = np.random.default_rng(2)
    tops = HEADS[pair(top)]
    lengths = [
        np.linalg.norm(HEADS[NUMBER[f"{b}.L"]] - HEADS[NUMBER[f"{a}.L"]])
        for a, b in ((top, middle), (middle, end))
    ]
    field = {"wrist": "wrist", "foot": "ankle"}[end]
    targets = np.empty((60, 2, 3))
    for k, side in enumerate(SIDES):
        # Ahead and below, from half to 97 % of the stretched limb.
        way = unit(rng.uniform([-0.5, -1, 0.2], [0.5, 0.2, 1], (60, 3)))
        targets[:, k] = tops[k] + way * rng.uniform(0.5, 0.97, (60, 1)) * sum(lengths)
        for row, target in zip(rows, targets[:, k], strict=True):
            pose = Pose(row)
            pose[f"{field}.{side}"] = target
            row[:] = pose.row
    reached = skeletons.solve(rows).joints_m[:, pair(end)]
    assert np.linalg.norm(reached - targets, axis=-1).max() < 0.01


def test_what_is_out_of_reach_is_pointed_at() -> None:
    pose = rest_pose(HEADS)
    shoulder = HEADS[NUMBER["upperarm01.R"]]
    pose["wrist.R"] = shoulder + np.array([0.0, 0.0, 3.0])
    joints = Skeletons(HEADS[None]).solve(pose.row[None]).joints_m[0]
    way = unit(joints[NUMBER["wrist.R"]] - joints[NUMBER["upperarm01.R"]])
    np.testing.assert_allclose(way, [0, 0, 1], atol=0.03)


def test_elbows_and_knees_bend_the_way_they_are_told() -> None:
    pose = rest_pose(HEADS)
    for side, sign in (("L", 1), ("R", -1)):
        pose[f"wrist.{side}"] = HEADS[NUMBER[f"upperarm01.{side}"]] + [0, 0, 0.3]
        pose[f"elbow.{side}"] = [sign, 0, 0]
        pose[f"ankle.{side}"] = HEADS[NUMBER[f"upperleg01.{side}"]] + [0, -0.5, 0.2]
        pose[f"knee.{side}"] = [0, 0.4, 1]
    joints = Skeletons(HEADS[None]).solve(pose.row[None]).joints_m[0]
    assert joints[NUMBER["lowerarm01.L"], 0] > HEADS[NUMBER["upperarm01.L"], 0] + 0.1
    assert joints[NUMBER["lowerarm01.R"], 0] < HEADS[NUMBER["upperarm01.R"], 0] - 0.1
    for side in SIDES:
        knee, hip, foot = (
            joints[NUMBER[f"{b}.{side}"]] for b in ("lowerleg01", "upperleg01", "foot")
        )
        assert knee[2] > (hip[2] + foot[2]) / 2 + 0.1


def test_a_pose_and_its_mirror_image_give_mirror_images() -> None:
    rows = random_rows(10, seed=3)
    mirrored = np.stack([_mirror(row) for row in rows])
    skeletons = Skeletons(HEADS[None])
    straight = skeletons.solve(rows).joints_m
    turned = skeletons.solve(mirrored).joints_m[:, MIRRORED] * [-1, 1, 1]
    np.testing.assert_allclose(turned, straight, atol=1e-9)


def _mirror(row: np.ndarray) -> np.ndarray:
    old, new = Pose(row), Pose()
    flip = np.array([-1.0, 1.0, 1.0])
    new["root"] = old["root"] * flip
    new["yaw"] = -old["yaw"]
    for name in ("pelvis", "spine", "head"):
        new[name] = old[name] * [1, -1, -1]
    new["jaw"] = old["jaw"]
    for a, b in (("L", "R"), ("R", "L")):
        for name in ("wrist", "elbow", "hand", "palm", "ankle", "knee"):
            new[f"{name}.{b}"] = old[f"{name}.{a}"] * flip
        for name in ("curl", "shrug", "toe"):
            new[f"{name}.{b}"] = old[f"{name}.{a}"]
    return new.row


def test_many_skeletons_together_are_each_alone() -> None:
    heads = np.stack([schematic_heads(h, a) for h, a in ((1.3, 8), (1.5, 13), (1.8, 30))])
    rows = random_rows(3, seed=4)
    together = Skeletons(heads).solve(rows).joints_m
    for k in range(3):
        alone = Skeletons(heads[k : k + 1]).solve(rows[k : k + 1]).joints_m[0]
        np.testing.assert_array_equal(together[k], alone)


def test_an_open_jaw_goes_down_and_a_yaw_turns_all() -> None:
    pose = rest_pose(HEADS)
    skeletons = Skeletons(HEADS[None])
    closed = skeletons.solve(pose.row[None])
    pose["jaw"] = 0.2
    jaw = skeletons.solve(pose.row[None]).rotations[0, NUMBER["jaw"]]
    chin = np.array([0.0, -0.06, 0.05])  # from the joint of the jaw forwards and down
    assert (jaw @ chin)[1] < (closed.rotations[0, NUMBER["jaw"]] @ chin)[1] - 0.005
    pose["yaw"] = np.pi / 2
    turned = skeletons.solve(pose.row[None]).joints_m[0]
    # What was ahead is now to the left of the room: x takes the place of z.
    np.testing.assert_allclose(turned[NUMBER["wrist.L"], 0], HEADS[NUMBER["wrist.L"], 2], atol=5e-3)
