"""Who talks: each role, unknown or nobody, by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classwatch.core.speech import SpeakerRole, Turn
from classwatch.core.time import Intervals
from classwatch.evaluate.scores.confusion import Confusion, accuracy, confusion_of, kappa, macro
from classwatch.evaluate.scores.figures import f1
from classwatch.evaluate.scores.keys import key
from classwatch.evaluate.scores.talk_time import Pieces, by_role, pieces
from classwatch.evaluate.tally import Figure, Tally, share

NOBODY = "nobody"
_UNKNOWN = str(SpeakerRole.UNKNOWN)
_TEACHER = str(SpeakerRole.TEACHER)


@dataclass(frozen=True, slots=True)
class SpeakerRoles:
    """Roles by time: accuracy, kappa, F1 of each role, share of talk given a role.

    Accuracy and kappa look at the time in which at most one role talks in truth; where several
    roles are found at once, the time is shared out equally among them. F1 of a role looks at all
    time, also where roles overlap. ``unknown`` is a class of its own on both sides, so a run does
    not gain by leaving hard parts out. Without ``fine`` one student and several are one class.
    """

    fine: bool = False
    name = "speech.roles"

    def count(self, truth: Sequence[Turn], found: Sequence[Turn], scored: Intervals) -> Tally:
        """Seconds by true and found role within ``scored`` (n, 2)."""
        cut = pieces(by_role(truth, fine=self.fine), by_role(found, fine=self.fine), scored)
        return Tally({**_cells(cut), **_presence(cut)})

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Figures; a role's F1 has the role as group."""
        tag = "@fine" if self.fine else ""
        table = confusion_of(tally.counts)
        talk = _talk_rows(table)
        each = tuple(self._f1(tally.counts, role, tag) for role in self._roles())
        return (
            share(f"{self.name}.accuracy{tag}", *_right(talk), better="higher"),
            share(f"{self.name}.accuracy_given{tag}", *_right_given(talk), better="higher"),
            share(f"{self.name}.coverage{tag}", *_given(talk), better="higher"),
            accuracy(f"{self.name}.frame_accuracy{tag}", table),
            kappa(f"{self.name}.kappa{tag}", table),
            *each,
            macro(f"{self.name}.macro_f1{tag}", each),
            self._teacher_share_error(tally.counts, tag),
        )

    def _roles(self) -> tuple[str, ...]:
        roles = [SpeakerRole.TEACHER, SpeakerRole.STUDENT]
        if self.fine:
            roles = [role for role in SpeakerRole if role is not SpeakerRole.UNKNOWN]
        return tuple(str(role) for role in roles)

    def _f1(self, counts: Mapping[str, float], role: str, tag: str) -> Figure:
        both, truths, founds = (
            counts.get(key(name, role), 0.0) for name in ("both", "truth", "found")
        )
        return f1(f"{self.name}.f1{tag}", both, truths, founds, group=f"role {role}")

    def _teacher_share_error(self, counts: Mapping[str, float], tag: str) -> Figure:
        """Teacher's share of talk as found minus the true one."""
        metric = f"{self.name}.teacher_share_error{tag}"
        shares = []
        for side in ("truth", "found"):
            talk = counts.get(key(f"{side}_talk"), 0.0)
            if not talk:
                return Figure(metric, None, "share", "zero", why="nobody talks on one side")
            shares.append(counts.get(key(side, _TEACHER), 0.0) / talk)
        return Figure(metric, shares[1] - shares[0], "share", "zero")


def _presence(cut: Pieces) -> dict[str, float]:
    counts: dict[str, float] = {}
    for side, masks in (("truth", cut.truth), ("found", cut.found)):
        for label, mask in masks.items():
            counts[key(side, label)] = float(cut.length_s[mask].sum())
            talk = key(f"{side}_talk")
            counts[talk] = counts.get(talk, 0.0) + counts[key(side, label)]
    for label in cut.truth.keys() & cut.found.keys():
        mask = cut.truth[label] & cut.found[label]
        counts[key("both", label)] = float(cut.length_s[mask].sum())
    return dict(sorted(counts.items()))


def _cells(cut: Pieces) -> dict[str, float]:
    true_masks, found_masks = _with_nobody(cut.truth, cut), _with_nobody(cut.found, cut)
    alone = _stack(true_masks).sum(axis=0) == 1
    voices = _stack(found_masks).sum(axis=0)
    counts: dict[str, float] = {}
    for truth, true_mask in true_masks.items():
        for found, found_mask in found_masks.items():
            here = alone & true_mask & found_mask
            seconds = float((cut.length_s[here] / voices[here]).sum())
            if seconds:
                counts[key("confusion", truth, found)] = seconds
    counts["overlap_left_out"] = float(cut.length_s[~alone].sum())
    return counts


def _with_nobody(
    masks: Mapping[str, NDArray[np.bool_]], cut: Pieces
) -> dict[str, NDArray[np.bool_]]:
    silent = np.ones(len(cut.length_s), np.bool_)
    for mask in masks.values():
        silent &= ~mask
    return {**masks, NOBODY: silent}


def _stack(masks: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.int64]:
    return np.stack([mask.astype(np.int64) for mask in masks.values()])


def _talk_rows(table: Confusion) -> Confusion:
    """The table without the time in which nobody talks in truth."""
    weight = table.weight.copy()
    if NOBODY in table.labels:
        weight[table.labels.index(NOBODY)] = 0.0
    return Confusion(table.labels, weight)


def _right(table: Confusion) -> tuple[float, float]:
    return float(np.trace(table.weight)), float(table.weight.sum())


def _without(table: Confusion, labels: tuple[str, ...]) -> NDArray[np.float64]:
    kept = [i for i, label in enumerate(table.labels) if label not in labels]
    return table.weight[:, kept]


def _given(table: Confusion) -> tuple[float, float]:
    return float(_without(table, (NOBODY, _UNKNOWN)).sum()), float(table.weight.sum())


def _right_given(table: Confusion) -> tuple[float, float]:
    right = sum(table.of(label)[0] for label in table.labels if label not in (NOBODY, _UNKNOWN))
    return right, _given(table)[0]
