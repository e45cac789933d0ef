"""Measures of one body that poses are made to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import BONES, NUMBER, SIDES
from classwatch.simulate.figures.channels import Pose
from classwatch.simulate.figures.skeleton import Skeletons

Array = NDArray[np.float64]
Side = Literal["L", "R"]
SIGN: dict[Side, float] = {"L": 1.0, "R": -1.0}
"""Which way along x each side is."""


def other(side: Side) -> Side:
    """The opposite side."""
    return "R" if side == "L" else "L"


@dataclass(frozen=True, slots=True)
class Chair:
    """What somebody sits at; heights above the floor, ``desk_edge_m`` forward from the seat."""

    seat_height_m: float
    desk_height_m: float
    desk_edge_m: float


class Body:
    """Lengths of a body, and where its joints go for part of a pose."""

    def __init__(self, bone_heads_m: Array) -> None:
        """``bone_heads_m`` (44, 3): the joints at rest."""
        if bone_heads_m.shape != (len(BONES), 3):
            raise ValueError(f"expected {(len(BONES), 3)} bone heads, got {bone_heads_m.shape}")
        self._heads = bone_heads_m
        self.skeleton = Skeletons(bone_heads_m[None].astype(np.float64))
        joint = self.joint
        self.upper_arm_m = _length(joint("lowerarm01.L") - joint("upperarm01.L"))
        self.forearm_m = _length(joint("wrist.L") - joint("lowerarm01.L"))
        self.arm_m = self.upper_arm_m + self.forearm_m
        self.thigh_m = _length(joint("lowerleg01.L") - joint("upperleg01.L"))
        self.shin_m = _length(joint("foot.L") - joint("lowerleg01.L"))
        self.hip_height_m = float(joint("upperleg01.L")[1])
        self.hip_z_m = float(joint("upperleg01.L")[2])
        self.hip_half_width_m = abs(float(joint("upperleg01.L")[0]))
        self.ankle_height_m = float(joint("foot.L")[1])
        self.size = float(joint("head")[1]) / 1.48
        """Against an adult of about 1.7 m."""

    def joint(self, name: str) -> Array:
        """Place at rest of the head of the bone called ``name``."""
        return np.asarray(self._heads[NUMBER[name]], np.float64)

    def shoulder(self, pose: Pose, side: Side) -> Array:
        """Where ``pose`` puts a shoulder, in the pose's own frame (its yaw left out)."""
        straight = Pose(pose.row)
        straight["yaw"] = 0.0
        return np.asarray(self.skeleton.shoulders(straight.row[None])[0, SIDES.index(side)])

    def on_head(self, pose: Pose, offset_m: Array) -> Array:
        """Where ``pose`` puts a point fixed to the head, ``offset_m`` from the head's joint."""
        straight = Pose(pose.row)
        straight["yaw"] = 0.0
        rotation, joint = self.skeleton.head(straight.row[None])
        return np.asarray(joint[0] + rotation[0] @ offset_m)


def _length(vector: Array) -> float:
    return float(np.sqrt((vector * vector).sum()))
