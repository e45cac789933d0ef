"""Poses of somebody on their feet, and of a teacher on a chair; see ``seated`` for the manner."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.body import SIGN, Body, other
from classwatch.simulate.figures.channels import Pose
from classwatch.simulate.figures.rotations import unit
from classwatch.simulate.figures.seated import SIDES, Draw, seated_pose
from classwatch.simulate.script import ActKind

Array = NDArray[np.float64]
_STEP_M = 0.27
"""How far a foot goes ahead of the hips at 1 m/s, for somebody 1.7 m tall."""


def standing_pose(draw: Draw, kind: ActKind) -> Pose:
    """A pose for what ``kind`` says of somebody on their feet; standing for what it does not know.

    ``draw.chair`` gives the height of what is leant on or sat on.
    """
    return _MAKERS.get(kind, stand)(draw)


def stand(draw: Draw) -> Pose:
    """Facing ahead: hands at the sides, before the body or behind it."""
    pose = _upright(draw)
    habit = draw.rng.random()
    if habit < 0.28:
        _hands_before(draw, pose)
    elif habit < 0.38:
        _hands_behind(draw, pose)
    return pose


def stand_at_desk(draw: Draw) -> Pose:
    """A student on their feet behind the desk, at times with the hands on it."""
    pose = _upright(draw)
    # Between chair and desk; the chair is pushed back by the knees.
    ahead_m = max(draw.chair.desk_edge_m - 0.12, 0.0)
    pose["root"][2] += ahead_m
    for side in SIDES:
        pose[f"ankle.{side}"][2] += ahead_m
        pose[f"wrist.{side}"][2] += ahead_m
    if draw.rng.random() < 0.5:
        for side in SIDES:
            height_m = draw.chair.desk_height_m + 0.04
            edge_m = draw.chair.desk_edge_m + 0.08
            pose[f"wrist.{side}"] = [SIGN[side] * 0.16, height_m, edge_m]
            pose[f"hand.{side}"] = [0.0, -0.5, 1.0]
            pose[f"palm.{side}"] = [0.0, -1.0, -0.3]
    return pose


def _upright(draw: Draw) -> Pose:
    body = draw.body
    pose = Pose()
    pose["root"] = [0.0, body.hip_height_m * 0.995, 0.0]
    pose["pelvis"] = np.radians([1, 0, 0])
    pose["spine"] = draw.angles((-1, 5), (-3, 3), (-1.5, 1.5))
    pose["head"] = draw.angles((-2, 6), (-8, 8), (-2, 2))
    spread_m = draw.between(0.0, 0.07)
    for side in SIDES:
        out = SIGN[side] * (body.hip_half_width_m + spread_m)
        ahead_m = float(body.joint(f"foot.{side}")[2]) - body.hip_z_m + draw.between(-0.02, 0.05)
        pose[f"ankle.{side}"] = [out, body.ankle_height_m, ahead_m]
        pose[f"knee.{side}"] = [SIGN[side] * draw.between(0.05, 0.3), 0.0, 1.0]
    _arms_down(body, pose)
    return pose


def _arms_down(body: Body, pose: Pose) -> None:
    for side in SIDES:
        sign = SIGN[side]
        rest = body.joint(f"upperarm01.{side}")
        up_m = pose["root"][1] + rest[1] - body.hip_height_m
        shoulder = np.array([rest[0], up_m, rest[2] - body.hip_z_m])
        pose[f"wrist.{side}"] = shoulder + np.array([sign * 0.10, -0.955, 0.10]) * body.arm_m
        pose[f"elbow.{side}"] = [sign * 0.35, 0.0, -1.0]
        pose[f"hand.{side}"] = [-sign * 0.05, -1.0, 0.18]
        pose[f"palm.{side}"] = [-sign, 0.0, -0.25]
        pose[f"curl.{side}"] = 0.35
        pose[f"shrug.{side}"] = -0.02


def _hands_before(draw: Draw, pose: Pose) -> None:
    body = draw.body
    height_m = pose["root"][1] + draw.between(0.08, 0.20) * body.size
    for side in SIDES:
        nearer_m = 0.03 if side == draw.side else 0.0
        ahead_m = (draw.between(0.19, 0.23) + nearer_m) * body.size
        pose[f"wrist.{side}"] = [SIGN[side] * 0.06 * body.size, height_m, ahead_m]
        pose[f"elbow.{side}"] = [SIGN[side], -0.4, -0.7]
        pose[f"hand.{side}"] = [-SIGN[side], -0.3, 0.35]
        pose[f"palm.{side}"] = [0.0, -0.4, -1.0]
        pose[f"curl.{side}"] = 0.5


def _hands_behind(draw: Draw, pose: Pose) -> None:
    body = draw.body
    height_m = pose["root"][1] + 0.02 * body.size
    for side in SIDES:
        pose[f"wrist.{side}"] = [SIGN[side] * 0.05, height_m, -0.17 * body.size]
        pose[f"elbow.{side}"] = [SIGN[side], 0.1, -0.7]
        pose[f"hand.{side}"] = [-SIGN[side], -0.4, 0.0]
        pose[f"palm.{side}"] = [0.0, 0.0, -1.0]


def _gesture(draw: Draw) -> Pose:
    """One or both hands before the body, as in explaining."""
    pose = _upright(draw)
    both = draw.rng.random() < 0.6
    for side in SIDES if both else (draw.side,):
        sign = SIGN[side]
        out = [sign * draw.between(-0.1, 0.25), draw.between(-0.55, -0.2), draw.between(0.35, 0.55)]
        pose[f"wrist.{side}"] = draw.body.shoulder(pose, side) + np.array(out) * draw.body.arm_m
        pose[f"elbow.{side}"] = [sign * 0.6, -1.0, -0.4]
        pose[f"hand.{side}"] = [-sign * draw.between(-0.2, 0.4), draw.between(-0.1, 0.6), 1.0]
        pose[f"palm.{side}"] = [-sign * 0.8, draw.between(-0.2, 0.8), 0.0]
        pose[f"curl.{side}"] = draw.between(0.1, 0.5)
    return pose


def _board(draw: Draw) -> Pose:
    """Facing the board, one hand writing on it."""
    side, sign, body = draw.side, SIGN[draw.side], draw.body
    pose = _upright(draw)
    pose[f"shrug.{side}"] = 0.22
    out = [sign * draw.between(-0.25, 0.3), draw.between(0.1, 0.55), draw.between(0.5, 0.7)]
    pose[f"wrist.{side}"] = body.shoulder(pose, side) + np.array(out) * body.arm_m
    pose[f"elbow.{side}"] = [sign, -0.7, 0.0]
    pose[f"hand.{side}"] = [-sign * 0.2, 0.25, 1.0]
    pose[f"palm.{side}"] = [-sign * 0.9, -0.3, 0.2]
    pose[f"curl.{side}"] = 0.8
    pose["head"] = np.radians([draw.between(-14, 2), -sign * draw.between(-5, 12), 0])
    return pose


def _point(draw: Draw) -> Pose:
    """An arm out towards the board behind or somebody ahead."""
    side, sign, body = draw.side, SIGN[draw.side], draw.body
    pose = _upright(draw)
    pose[f"shrug.{side}"] = 0.12
    to_board = draw.rng.random() < 0.5
    back = draw.between(-0.8, -0.1) if to_board else draw.between(0.3, 1.0)
    way = unit([sign * draw.between(0.5, 1.2), draw.between(-0.05, 0.45), back])
    if to_board:
        pose["spine"] += np.radians([0, sign * draw.between(8, 18), 0])
        pose["head"] += np.radians([0, sign * draw.between(0, 30), 0])
    pose[f"wrist.{side}"] = body.shoulder(pose, side) + way * body.arm_m * draw.between(0.88, 0.97)
    pose[f"elbow.{side}"] = [sign * 0.4, -1.0, -0.2]
    pose[f"hand.{side}"] = way
    pose[f"palm.{side}"] = [-sign * 0.6, -0.8, 0.0]
    pose[f"curl.{side}"] = 0.5
    return pose


def _podium(draw: Draw) -> Pose:
    """Behind the podium, both hands on it, at times looking down at a book."""
    pose = _upright(draw)
    pose["spine"] = np.radians([8, 0, 0])
    down = (18, 30) if draw.rng.random() < 0.4 else (2, 12)
    pose["head"] = draw.angles(down, (-12, 12), (-2, 2))
    for side in SIDES:
        sign = SIGN[side]
        height_m = draw.chair.desk_height_m + 0.03
        ahead_m = min(draw.chair.desk_edge_m + 0.06, 0.85 * draw.body.arm_m)
        pose[f"wrist.{side}"] = [sign * draw.between(0.15, 0.24), height_m, ahead_m]
        pose[f"elbow.{side}"] = [sign * 0.8, -0.6, -0.6]
        pose[f"hand.{side}"] = [-sign * 0.3, -0.2, 1.0]
        pose[f"palm.{side}"] = [0.0, -1.0, 0.1]
    return pose


def _lean(draw: Draw) -> Pose:
    """Over a desk ahead, one hand on it."""
    side, rest, body = draw.side, other(draw.side), draw.body
    pose = _upright(draw)
    pose["root"] = [0.0, body.hip_height_m * 0.97, -0.12]
    pose["pelvis"] = np.radians([draw.between(18, 26), 0, 0])
    pose["spine"] = np.radians([draw.between(18, 26), 0, 0])
    pose["head"] = draw.angles((-2, 8), (-10, 10), (-2, 2))
    height_m = draw.chair.desk_height_m + 0.04
    pose[f"wrist.{side}"] = [SIGN[side] * 0.16, height_m, draw.chair.desk_edge_m + 0.12]
    pose[f"elbow.{side}"] = [SIGN[side] * 0.6, -0.3, -0.6]
    pose[f"hand.{side}"] = [-SIGN[side] * 0.2, -0.5, 1.0]
    pose[f"palm.{side}"] = [0.0, -1.0, 0.0]
    hang = np.array([SIGN[rest] * 0.12, -0.9, 0.1]) * body.arm_m
    pose[f"wrist.{rest}"] = body.shoulder(pose, rest) + hang
    return pose


def _sit(draw: Draw) -> Pose:
    return seated_pose(draw, ActKind.LISTEN)


def stride_m(body: Body, speed_m_s: float) -> float:
    """Length of a double step: each foot stays on the floor while the body passes over it."""
    return 4 * _STEP_M * (0.6 + 0.4 * min(speed_m_s, 1.4)) * max(body.size, 0.6)


def walk_row(body: Body, phase: float, speed_m_s: float) -> Array:
    """Channels (WIDTH,) of somebody walking ahead; ``phase`` counts double steps."""
    turn = phase * 2 * math.pi
    swing, size = math.sin(turn), body.size
    step_m = stride_m(body, speed_m_s) / 4
    lift_m = 0.09 * min(speed_m_s, 1.0) * size
    pose = Pose()
    # The hips sink between the steps, as far as the legs then reach.
    leg_m = 0.985 * (body.thigh_m + body.shin_m)
    reach_m = math.sqrt(leg_m**2 - (step_m * swing) ** 2) - 0.005 * size
    up_m = min(body.ankle_height_m + reach_m, body.hip_height_m * 0.99)
    pose["root"] = [0.02 * swing, up_m, 0.0]
    pose["pelvis"] = [math.radians(3), math.radians(5) * swing, 0.0]
    pose["spine"] = [math.radians(4), -math.radians(9) * swing, 0.0]
    pose["head"] = [0.0, math.radians(4) * swing, 0.0]
    _arms_down(body, pose)
    for side in SIDES:
        sign = SIGN[side]
        own = turn if side == "L" else turn + math.pi
        height_m = body.ankle_height_m + max(0.0, math.cos(own)) * lift_m
        pose[f"ankle.{side}"] = [
            sign * body.hip_half_width_m * 0.8,
            height_m,
            step_m * math.sin(own),
        ]
        pose[f"knee.{side}"] = [sign * 0.05, 0.0, 1.0]
        lowered = 18 * max(0.0, -math.sin(own - 0.6)) * max(0.0, math.cos(own))
        pose[f"toe.{side}"] = math.radians(lowered)
        wrist = pose[f"wrist.{side}"]
        back_m = -0.75 * step_m * math.sin(own)
        wrist[1] += 0.955 * body.arm_m - math.sqrt((0.95 * body.arm_m) ** 2 - back_m**2)
        wrist[2] += back_m - 0.05 * body.arm_m
    return pose.row


_MAKERS: dict[ActKind, Callable[[Draw], Pose]] = {
    ActKind.FACE: stand,
    ActKind.STAND: stand,
    ActKind.GESTURE: _gesture,
    ActKind.BOARD: _board,
    ActKind.POINT: _point,
    ActKind.PODIUM: _podium,
    ActKind.LEAN: _lean,
    ActKind.SIT: _sit,
}
