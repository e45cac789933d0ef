"""From rows of channels to bones in place: the torso forwards, arms and legs by two-bone IK."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.simulate.figures.bones import BONES, NUMBER, PARENT_OF, pair
from classwatch.simulate.figures.channels import both_sides, channel
from classwatch.simulate.figures.rotations import (
    about,
    aligning,
    apply,
    bow_turn_tilt,
    cross,
    dot,
    heading,
    part_way,
    swinging,
    unit,
)

Array = NDArray[np.float64]

_PARENTS = np.array([NUMBER.get(PARENT_OF[name], -1) for name in BONES], np.intp)
_SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
_FORWARDS = np.array([0.0, 0.0, 1.0])
_UP = np.array([0.0, 1.0, 0.0])
_RIGHTWARDS = np.array([-1.0, 0.0, 0.0])
WRIST_BEND_MAX = 1.0
"""Radians: a hand that would bend further against its forearm turns back to this."""
_STRETCH_MAX = 0.999
_CURL = {"fingers1": 1.0, "fingers2": 2.1, "thumb1": 0.25, "thumb2": 0.7}
"""How far each joint bends for a curl of one radian."""
_UPPER_ARM_TWIST, _FOREARM_TWIST, _THIGH_TWIST = 0.4, 0.55, 0.6
"""Share of a limb's twist that its first (upper arm, thigh) or second half (forearm) takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """Bones of p figures: ``rotations`` (p, 44, 3, 3) and ``joints_m`` (p, 44, 3) heads."""

    rotations: Array
    joints_m: Array


class Skeletons:
    """p skeletons, solved together; one row of a call may also serve one skeleton many times."""

    def __init__(self, bone_heads_m: Array) -> None:
        """``bone_heads_m`` (p, 44, 3): the joints at rest."""
        self._heads = bone_heads_m
        self._hip_centre = self._head_pair("upperleg01").mean(1)
        self._hip_centre[:, 0] = 0.0
        self._arm = _Limb(self, "upperarm01", "lowerarm01", "wrist")
        self._leg = _Limb(self, "upperleg01", "lowerleg01", "foot")
        self._rest_hand = self._head_pair("fingers1") - self._head_pair("wrist")
        thumb = self._head_pair("thumb1") - self._head_pair("wrist")
        mirror = np.array([1.0, -1.0])[:, None]
        self._rest_palm = unit(cross(self._rest_hand, thumb) * mirror)
        self._rest_hinge = self._elbow_hinge()

    def _head_pair(self, name: str) -> Array:
        return self._heads[:, pair(name)]

    def _elbow_hinge(self) -> Array:
        """Axis about which the elbows bend; a straight arm does not show it: a usual one."""
        upper, fore = self._arm.first, self._arm.second
        usual = unit(cross(unit(upper), np.broadcast_to(_FORWARDS, upper.shape)))
        seen = cross(upper, fore)
        straight = np.sqrt(dot(seen, seen)) < 0.02 * self._arm.first_m * self._arm.second_m
        hinge = np.where(straight[..., None], usual, unit(seen))
        return np.where((dot(hinge, usual) < 0)[..., None], usual, hinge)

    def solve(self, rows: Array) -> Posed:
        """Bones for ``rows`` (p, WIDTH), in the frame around the person (see ``channels``)."""
        work = self._torso(rows)
        turned = heading(channel(rows, "yaw")[:, 0])[:, None]
        self._arms(work, rows, turned)
        self._legs(work, rows, turned)
        return Posed(work.rotations, work.joints)

    def shoulders(self, rows: Array) -> Array:
        """Heads of the upper arms (p, 2, 3), left first, without solving the limbs."""
        return self._torso(rows).joints[:, pair("upperarm01")]

    def head(self, rows: Array) -> tuple[Array, Array]:
        """Rotation (p, 3, 3) and joint (p, 3) of the heads, without solving the limbs."""
        work = self._torso(rows)
        return work.rotations[:, NUMBER["head"]], work.joints[:, NUMBER["head"]]

    def _torso(self, rows: Array) -> _Work:
        work = _Work(self._heads, len(rows))
        yaw = heading(channel(rows, "yaw")[:, 0])
        pelvis = yaw @ bow_turn_tilt(channel(rows, "pelvis"))
        root = NUMBER["root"]
        from_hips = self._heads[:, root] - self._hip_centre
        work.joints[:, root] = channel(rows, "root") + apply(pelvis, from_hips)
        work.rotations[:, root] = pelvis
        work.hang(pair("pelvis"), pelvis[:, None])
        spine, head = channel(rows, "spine"), channel(rows, "head")
        for k, name in enumerate(_SPINE):
            share = (k + 1) / len(_SPINE)
            work.hang_one(name, pelvis @ bow_turn_tilt(spine * share))
        chest = work.rotations[:, NUMBER["spine01"]]
        for name, share in (("neck01", 0.25), ("neck02", 0.5), ("head", 1.0)):
            work.hang_one(name, chest @ bow_turn_tilt(head * share))
        skull = work.rotations[:, NUMBER["head"]]
        work.hang_one("jaw", skull @ about((1.0, 0.0, 0.0), channel(rows, "jaw")[:, 0]))
        shrug = both_sides(rows, "shrug")[..., 0] * np.array([1.0, -1.0])
        work.hang(pair("clavicle"), chest[:, None] @ about((0.0, 0.0, 1.0), shrug))
        work.hang(pair("shoulder01"), work.rotations[:, pair("clavicle")])
        work.place(pair("upperarm01"))
        return work

    def _arms(self, work: _Work, rows: Array, turned: Array) -> None:
        parent = work.rotations[:, pair("shoulder01")]
        shoulder = work.joints[:, pair("upperarm01")]
        target = apply(turned, both_sides(rows, "wrist"))
        bent = self._arm.bend(shoulder, target, apply(turned, both_sides(rows, "elbow")))
        swung = swinging(apply(parent, self._arm.first), bent.first) @ parent
        upper = aligning(self._arm.first, self._rest_hinge, bent.first, bent.hinge)
        work.hang(pair("upperarm01"), part_way(swung, upper, _UPPER_ARM_TWIST))
        work.hang(pair("upperarm02"), upper)
        fore = aligning(self._arm.second, self._rest_hinge, bent.second, bent.hinge)
        work.hang(pair("lowerarm01"), fore)
        hand = self._hand(rows, turned, fore)
        along_hand = swinging(apply(hand, self._arm.second), apply(fore, self._arm.second)) @ hand
        work.hang(pair("lowerarm02"), part_way(fore, along_hand, _FOREARM_TWIST))
        work.hang(pair("wrist"), hand)
        self._fingers(work, rows, hand)

    def _hand(self, rows: Array, turned: Array, fore: Array) -> Array:
        along = apply(turned, both_sides(rows, "hand"))
        hand = aligning(
            self._rest_hand, self._rest_palm, along, apply(turned, both_sides(rows, "palm"))
        )
        now, straight = apply(hand, unit(self._rest_hand)), apply(fore, unit(self._rest_hand))
        angle = np.arccos(np.clip(dot(now, straight), -1.0, 1.0))
        excess = np.clip((angle - WRIST_BEND_MAX) / np.maximum(angle, 1e-9), 0.0, 1.0)
        return part_way(hand, swinging(now, straight) @ hand, excess)

    def _fingers(self, work: _Work, rows: Array, hand: Array) -> None:
        curl = both_sides(rows, "curl")[..., 0]
        axis = unit(cross(unit(self._rest_hand), self._rest_palm))
        for name, share in _CURL.items():
            work.hang(pair(name), hand @ about(axis, curl * share))

    def _legs(self, work: _Work, rows: Array, turned: Array) -> None:
        parent = work.rotations[:, pair("pelvis")]
        work.place(pair("upperleg01"))
        hip = work.joints[:, pair("upperleg01")]
        target = apply(turned, both_sides(rows, "ankle"))
        towards = apply(turned, both_sides(rows, "knee"))
        bent = self._leg.bend(hip, target, towards)
        swung = swinging(apply(parent, self._leg.first), bent.first) @ parent
        thigh = aligning(self._leg.first, _RIGHTWARDS, bent.first, bent.hinge)
        work.hang(pair("upperleg01"), part_way(swung, thigh, _THIGH_TWIST))
        work.hang(pair("upperleg02"), thigh)
        shin = aligning(self._leg.second, _RIGHTWARDS, bent.second, bent.hinge)
        work.hang(pair("lowerleg01"), shin)
        work.hang(pair("lowerleg02"), shin)
        work.hang(pair("foot"), _soles(bent.hinge, towards, both_sides(rows, "toe")[..., 0]))


def _soles(hinge: Array, towards: Array, toe: Array) -> Array:
    """Feet flat on the floor, pointing where the knees point; ``toe`` lowers the toes."""
    up = np.broadcast_to(_UP, hinge.shape)
    ahead = unit(cross(hinge, up))
    ahead = np.where((dot(ahead, towards) < 0)[..., None], -ahead, ahead)
    flat = np.stack([cross(up, ahead), up, ahead], -1)
    return np.asarray(flat @ about((1.0, 0.0, 0.0), toe), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Bent:
    """Both segments (p, 2, 3) of a limb in place and the axis of the joint between them."""

    first: Array
    second: Array
    hinge: Array


class _Limb:
    """Two segments, left and right: (p, 2, 3) at rest and their lengths (p, 2)."""

    def __init__(self, skeletons: Skeletons, top: str, middle: str, end: str) -> None:
        heads = [skeletons._head_pair(name) for name in (top, middle, end)]
        self.first, self.second = heads[1] - heads[0], heads[2] - heads[1]
        self.first_m = np.sqrt(dot(self.first, self.first))
        self.second_m = np.sqrt(dot(self.second, self.second))

    def bend(self, top: Array, target: Array, towards: Array) -> _Bent:
        """The limb from ``top`` to ``target`` or as far that way as it reaches (law of cosines)."""
        line = target - top
        way = unit(line)
        low = np.abs(self.first_m - self.second_m) + 0.02
        high = (self.first_m + self.second_m) * _STRETCH_MAX
        reach = np.clip(np.sqrt(dot(line, line)), low, high)
        along = (self.first_m**2 - self.second_m**2 + reach**2) / (2 * reach)
        aside = np.sqrt(np.maximum(self.first_m**2 - along**2, 0.0))
        out = unit(towards - way * dot(towards, way)[..., None])
        joint = way * along[..., None] + out * aside[..., None]
        return _Bent(joint, way * reach[..., None] - joint, cross(out, way))


class _Work:
    """Bones being put in place, parents first."""

    def __init__(self, heads: Array, count: int) -> None:
        self._heads = heads
        self.rotations = np.empty((count, len(BONES), 3, 3))
        self.joints = np.empty((count, len(BONES), 3))

    def place(self, bones: NDArray[np.intp]) -> None:
        """Put the heads of ``bones`` where their parents carry them."""
        parents = _PARENTS[bones]
        offset = self._heads[:, bones] - self._heads[:, parents]
        self.joints[:, bones] = self.joints[:, parents] + apply(self.rotations[:, parents], offset)

    def hang(self, bones: NDArray[np.intp], rotations: Array) -> None:
        """Place ``bones`` and turn them by ``rotations`` (p, 2 or 1, 3, 3)."""
        self.place(bones)
        self.rotations[:, bones] = rotations

    def hang_one(self, name: str, rotations: Array) -> None:
        """Place the bone called ``name`` and turn it by ``rotations`` (p, 3, 3)."""
        self.hang(np.array([NUMBER[name]], np.intp), rotations[:, None])
