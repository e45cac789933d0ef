"""Poses of somebody sitting at a desk.

Every maker takes a ``Draw``: the body, the chair and a generator from which it draws a variation,
so that no two people write or listen alike. Angles in the code are in degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.body import SIGN, Body, Chair, Side, other
from classwatch.simulate.figures.channels import Pose
from classwatch.simulate.figures.rotations import unit
from classwatch.simulate.script import ActKind

Array = NDArray[np.float64]
SIDES: tuple[Side, Side] = ("L", "R")
_ELBOW_ON_DESK_SHARE = 0.42
"""Share of raised hands whose elbow stays on the desk, as Chinese pupils are taught to."""
_HAND_THICKNESS_M = 0.035


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """What a pose is made from; ``side`` is the arm that acts, or the side turned to."""

    body: Body
    chair: Chair
    rng: np.random.Generator
    side: Side

    def between(self, low: float, high: float) -> float:
        """A number drawn evenly."""
        return float(self.rng.uniform(low, high))

    def angles(self, *limits_deg: tuple[float, float]) -> Array:
        """Angles in radians, each drawn evenly between its limits in degrees."""
        return np.radians([self.between(*pair) for pair in limits_deg])


def seated_pose(draw: Draw, kind: ActKind) -> Pose:
    """A pose for what ``kind`` says of somebody at a desk; listening for what it does not know."""
    return _MAKERS.get(kind, _listen)(draw)


def _base(draw: Draw, lean_deg: float) -> Pose:
    """Sitting, both hands on the desk; ``lean_deg`` forwards."""
    body, chair = draw.body, draw.chair
    pose = Pose()
    hips_up_m = chair.seat_height_m + 0.09 * body.size
    pose["root"] = [draw.between(-0.03, 0.03), hips_up_m, draw.between(-0.03, 0.03)]
    pose["yaw"] = draw.angles((-5, 5))
    pose["pelvis"] = np.radians([-6 + 0.25 * lean_deg, 0, 0])
    pose["spine"] = np.radians([6 + 0.75 * lean_deg, 0, draw.between(-3, 3)])
    pose["head"] = np.radians([-0.55 * lean_deg, 0, 0]) + draw.angles((-4, 8), (-14, 14), (-5, 5))
    _legs(draw, pose)
    for side in SIDES:
        across_m = SIGN[side] * draw.between(0.04, 0.20) * max(body.size, 0.8)
        _hand_on_desk(draw, pose, side, across_m, draw.between(0.07, 0.20))
    return pose


def _legs(draw: Draw, pose: Pose) -> None:
    body, chair = draw.body, draw.chair
    # Short legs do not reach the floor from a high chair: the feet rest on its bar.
    bar_m = max(0.0, chair.seat_height_m - body.shin_m - 0.02) * 0.8
    crossed = draw.rng.random() < 0.12
    for side in SIDES:
        out = SIGN[side] * (body.hip_half_width_m + draw.between(0, 0.05))
        out *= -0.4 if crossed else 1.0
        ahead_m = body.thigh_m * 0.93 + draw.between(-0.10, 0.10)
        pose[f"ankle.{side}"] = [out, body.ankle_height_m + bar_m, ahead_m]
        pose[f"knee.{side}"] = [SIGN[side] * draw.between(0, 0.25), 0.8, 1.0]


def _hand_on_desk(
    draw: Draw, pose: Pose, side: Side, across_m: float, in_m: float, lift_m: float = 0.0
) -> None:
    """Lay a hand on the desk, ``in_m`` behind its near edge."""
    sign, chair = SIGN[side], draw.chair
    height_m = chair.desk_height_m + _HAND_THICKNESS_M + lift_m
    pose[f"wrist.{side}"] = [across_m, height_m, chair.desk_edge_m + in_m]
    pose[f"elbow.{side}"] = [sign * 0.8, -0.75, -0.35]
    pose[f"hand.{side}"] = [-sign * 0.45, -0.12, 1.0]
    pose[f"palm.{side}"] = [-sign * 0.15, -1.0, 0.0]
    pose[f"curl.{side}"] = draw.between(0.1, 0.4)
    pose[f"shrug.{side}"] = 0.03


def _listen(draw: Draw) -> Pose:
    habit = draw.rng.random()
    folded = habit < 0.30  # on the desk, the posture taught in primary schools
    pose = _base(draw, draw.between(8, 15) if folded else draw.between(-8, 6))
    if folded:
        for side in SIDES:
            nearer_m = 0.02 if side == draw.side else 0.0
            across_m = -SIGN[side] * draw.between(0.04, 0.09) * draw.body.size
            _hand_on_desk(draw, pose, side, across_m, draw.between(0.03, 0.06) + nearer_m)
            pose[f"hand.{side}"] = [-SIGN[side], -0.1, 0.15]
            pose[f"elbow.{side}"] = [SIGN[side], -0.3, -0.2]
    elif habit < 0.45:  # hands in the lap
        for side in SIDES:
            knee_m = draw.body.thigh_m * draw.between(0.45, 0.65)
            height_m = draw.chair.seat_height_m + 0.20 * draw.body.size
            pose[f"wrist.{side}"] = [SIGN[side] * draw.between(0.04, 0.12), height_m, knee_m]
            pose[f"elbow.{side}"] = [SIGN[side] * 0.6, -0.6, -0.8]
    return pose


def _write(draw: Draw) -> Pose:
    pose = _base(draw, draw.between(14, 30))
    side, rest = draw.side, other(draw.side)
    across_m = draw.between(0.02, 0.11)
    _hand_on_desk(draw, pose, side, SIGN[side] * across_m, draw.between(0.12, 0.20))
    pose[f"palm.{side}"] = [-SIGN[side] * 0.8, -1.0, 0.0]
    pose[f"curl.{side}"] = 0.65
    _hand_on_desk(draw, pose, rest, SIGN[rest] * draw.between(0.08, 0.2), draw.between(0.10, 0.2))
    pose["head"] = draw.angles((20, 38), (-8, 8), (-9, 9))
    return pose


def _read(draw: Draw) -> Pose:
    pose = _base(draw, draw.between(4, 20))
    upright = draw.rng.random() < 0.35  # the book held up, not laid down
    for side in SIDES:
        lift_m = draw.between(0.10, 0.16) if upright else 0.03
        across_m = SIGN[side] * draw.between(0.10, 0.15)
        _hand_on_desk(draw, pose, side, across_m, draw.between(0.06, 0.16), lift_m)
        if upright:
            pose[f"hand.{side}"] = [-SIGN[side] * 0.2, 0.9, 0.45]
            pose[f"palm.{side}"] = [-SIGN[side], 0.2, -0.2]
            pose[f"curl.{side}"] = 0.6
    pose["head"] = draw.angles((10, 22) if upright else (20, 34), (-8, 8), (-6, 6))
    return pose


def _raise_hand(draw: Draw) -> Pose:
    return _raise_from_desk(draw) if draw.rng.random() < _ELBOW_ON_DESK_SHARE else _raise(draw)


def _raise(draw: Draw) -> Pose:
    """An arm up, straight or with a bent elbow."""
    side, sign, body = draw.side, SIGN[draw.side], draw.body
    pose = _base(draw, draw.between(-4, 6))
    pose["spine"][2] = -sign * np.radians(4)
    pose[f"shrug.{side}"] = draw.between(0.28, 0.40)
    way = unit([sign * draw.between(-0.05, 0.28), 1.0, draw.between(-0.05, 0.3)])
    stretch = draw.between(0.93, 0.99) if draw.rng.random() < 0.7 else draw.between(0.72, 0.88)
    pose[f"wrist.{side}"] = body.shoulder(pose, side) + way * body.arm_m * stretch
    pose[f"elbow.{side}"] = [sign, -0.2, 0.35]
    pose[f"hand.{side}"] = way
    pose[f"palm.{side}"] = [-sign * 0.15, 0.0, 1.0]
    pose[f"curl.{side}"] = draw.between(0.02, 0.3)
    pose["head"] = draw.angles((-8, 6), (-12, 12), (-3, 3))
    return pose


def _raise_from_desk(draw: Draw) -> Pose:
    """The elbow on the desk, the forearm up."""
    side, sign, body, chair = draw.side, SIGN[draw.side], draw.body, draw.chair
    pose = _base(draw, draw.between(4, 12))
    across_m, in_m = sign * draw.between(0.14, 0.22), draw.between(0.04, 0.10)
    elbow = np.array([across_m, chair.desk_height_m + 0.03, chair.desk_edge_m + in_m])
    way = unit([sign * draw.between(-0.2, 0.1), 1.0, draw.between(-0.1, 0.18)])
    shoulder = body.shoulder(pose, side)
    # A far elbow would stretch the upper arm: the elbow then stays where the arm lets it.
    out = elbow - shoulder
    elbow = shoulder + unit(out) * min(float(np.linalg.norm(out)), body.upper_arm_m)
    pose[f"wrist.{side}"] = elbow + way * body.forearm_m
    pose[f"elbow.{side}"] = elbow - (shoulder + pose[f"wrist.{side}"]) / 2
    pose[f"hand.{side}"] = way
    pose[f"palm.{side}"] = [-sign * 0.5, 0.0, 1.0]
    pose[f"curl.{side}"] = 0.05
    pose["head"] = draw.angles((-8, 4), (-10, 10), (-3, 3))
    return pose


def _sleep(draw: Draw) -> Pose:
    """Head on the folded arms."""
    pose = _base(draw, draw.between(50, 60))
    for side in SIDES:
        nearer_m = 0.05 if side == draw.side else 0.0
        _hand_on_desk(draw, pose, side, -SIGN[side] * 0.10 * draw.body.size, 0.14 + nearer_m)
        pose[f"elbow.{side}"] = [SIGN[side], -0.2, 0.0]
        pose[f"hand.{side}"] = [-SIGN[side], 0.0, 0.1]
        pose[f"palm.{side}"] = [0.0, -1.0, 0.0]
    turned = SIGN[draw.side] * draw.between(25, 60)
    pose["head"] = np.radians([draw.between(18, 30), turned, draw.between(-10, 10)])
    return pose


def _device(draw: Draw) -> Pose:
    """Both hands at a telephone, under or over the edge of the desk."""
    pose = _base(draw, draw.between(10, 22))
    low = draw.rng.random() < 0.6
    for side in SIDES:
        sign = SIGN[side]
        in_m, lift_m = (-0.07, -0.12) if low else (0.10, 0.10)
        _hand_on_desk(draw, pose, side, sign * 0.05, in_m, lift_m)
        pose[f"hand.{side}"] = [-sign * 0.4, 0.35, 1.0]
        pose[f"palm.{side}"] = [-sign * 0.6, 0.6, -0.3]
        pose[f"curl.{side}"] = 0.7
    pose["head"] = draw.angles((26, 42), (-8, 8), (-2, 2))
    return pose


def _turn(draw: Draw, sign: float) -> Pose:
    pose = _base(draw, draw.between(-2, 8))
    pose["spine"] = np.radians([draw.between(2, 10), sign * draw.between(18, 38), 0])
    pose["head"] = np.radians(
        [draw.between(-2, 8), sign * draw.between(25, 50), draw.between(-4, 4)]
    )
    far: Side = "L" if sign < 0 else "R"
    _hand_on_desk(draw, pose, far, SIGN[far] * 0.08 + sign * 0.06, 0.10)
    return pose


def _turn_left(draw: Draw) -> Pose:
    return _turn(draw, 1.0)


def _turn_right(draw: Draw) -> Pose:
    return _turn(draw, -1.0)


def _turn_back(draw: Draw) -> Pose:
    """To the people behind: sideways on the chair, an arm over its back."""
    sign, near, far = SIGN[draw.side], draw.side, other(draw.side)
    pose = _base(draw, 0.0)
    turn = draw.between(55, 80)
    pose["yaw"] = np.radians(sign * turn)
    pose["spine"] = np.radians([4, sign * draw.between(32, 45), 0])
    pose["head"] = np.radians([draw.between(0, 8), sign * draw.between(38, 52), 0])
    lap_m = draw.chair.seat_height_m + 0.19 * draw.body.size
    pose[f"wrist.{far}"] = [SIGN[far] * 0.05, lap_m, draw.body.thigh_m * 0.6]
    pose[f"elbow.{far}"] = [SIGN[far] * 0.6, -0.8, -0.5]
    back = body_back(draw, pose, near)
    pose[f"wrist.{near}"] = back
    pose[f"elbow.{near}"] = [sign * 1.0, -0.4, -0.4]
    pose[f"hand.{near}"] = [sign * 0.3, -0.6, -0.4]
    pose[f"palm.{near}"] = [0.0, -1.0, -0.3]
    return pose


def body_back(draw: Draw, pose: Pose, side: Side) -> Array:
    """A place for the wrist at the back rest beside the turned body."""
    shoulder = draw.body.shoulder(pose, side)
    out = np.array([SIGN[side] * 0.55, -0.75, 0.10]) * draw.body.arm_m * 0.9
    return np.asarray(shoulder + out, np.float64)


def _chin(draw: Draw) -> Pose:
    """The chin in a hand, the elbow on the desk."""
    side, sign = draw.side, SIGN[draw.side]
    pose = _base(draw, draw.between(14, 24))
    pose["head"] = np.radians([draw.between(-6, 6), draw.between(-10, 10), -sign * 6])
    size = draw.body.size
    cheek = draw.body.on_head(pose, np.array([sign * 0.055, -0.005, 0.075]) * size)
    pose[f"wrist.{side}"] = cheek + np.array([sign * 0.02, -0.07, 0.02]) * size
    pose[f"elbow.{side}"] = [sign * 0.4, -1.0, 0.2]
    pose[f"hand.{side}"] = [-sign * 0.1, 1.0, 0.05]
    pose[f"palm.{side}"] = [-sign * 0.8, 0.2, -0.6]
    pose[f"curl.{side}"] = 0.5
    return pose


_MAKERS: dict[ActKind, Callable[[Draw], Pose]] = {
    ActKind.LISTEN: _listen,
    ActKind.WRITE: _write,
    ActKind.READ: _read,
    ActKind.RAISE_HAND: _raise_hand,
    ActKind.TURN_LEFT: _turn_left,
    ActKind.TURN_RIGHT: _turn_right,
    ActKind.TURN_BACK: _turn_back,
    ActKind.SLEEP: _sleep,
    ActKind.DEVICE: _device,
    ActKind.CHIN: _chin,
}
