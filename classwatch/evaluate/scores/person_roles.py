"""Who is the teacher in the picture."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.people import NO_TRACK, PersonRole, Tracks
from classwatch.core.pose import PoseSeries
from classwatch.evaluate.scores.confusion import (
    accuracy,
    confusion_counts,
    confusion_of,
    label_f1,
)
from classwatch.evaluate.scores.figures import precision_recall
from classwatch.evaluate.scores.keys import key, named, total
from classwatch.evaluate.scores.pictures import TruePeople, picture_pairs
from classwatch.evaluate.tally import Figure, Tally, share

_TEACHER = str(PersonRole.TEACHER)
_UNKNOWN = str(PersonRole.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PersonRoles:
    """The teacher's sightings found as the teacher, and roles of everybody who was found.

    A teacher who was not found at all is a miss of ``teacher_recall``; roles (``accuracy``) are
    compared for matched people only, ``unknown`` being a class of its own.
    """

    min_iou: float = 0.5
    tolerance_s: float = 0.05
    name = "picture.roles"

    def count(
        self, truth: TruePeople, true_tracks: Tracks, found: PoseSeries, tracks: Tracks
    ) -> Tally:
        """One camera of one lesson."""
        true_roles, found_roles = _roles(true_tracks), _roles(tracks)
        labels: tuple[list[str], list[str]] = ([], [])
        truths = founds = 0
        for picture in picture_pairs(
            truth, found, min_iou=self.min_iou, tolerance_s=self.tolerance_s
        ):
            truths += sum(true_roles[row] == _TEACHER for row in picture.truth)
            founds += sum(found_roles[row] == _TEACHER for row in picture.found)
            labels[0].extend(true_roles[row] for row in picture.truth[picture.pairs[:, 0]])
            labels[1].extend(found_roles[row] for row in picture.found[picture.pairs[:, 1]])
        hits = sum(pair == (_TEACHER, _TEACHER) for pair in zip(*labels, strict=True))
        counts = {
            key("truth", truth.camera): float(truths),
            key("found", truth.camera): float(founds),
            key("hit", truth.camera): float(hits),
        }
        return Tally({**counts, **confusion_counts(*labels)})

    def figures(self, tally: Tally) -> tuple[Figure, ...]:
        """Teacher's precision, recall and F1, for all and by camera; roles of matched people."""
        found: list[Figure] = []
        cameras = [parts[0] for parts in named(tally.counts, "truth")]
        for camera in ("", *cameras):
            hits, truths, founds = (
                total(tally.counts, name, camera or None) for name in ("hit", "truth", "found")
            )
            group = f"camera {camera}" if camera else ""
            name = f"{self.name}.teacher"
            tag = f"@iou={self.min_iou:g}"
            found += precision_recall(name, hits, truths, founds, tag=tag, group=group)
        table = confusion_of(tally.counts)
        given = sum(table.of(label)[2] for label in table.labels if label != _UNKNOWN)
        whole = float(table.weight.sum())
        return (
            *found,
            accuracy(f"{self.name}.accuracy", table),
            share(f"{self.name}.coverage", given, whole, better="higher"),
            *(
                label_f1(f"{self.name}.f1", table, str(role), group=f"role {role}")
                for role in (PersonRole.TEACHER, PersonRole.STUDENT, PersonRole.ADULT)
            ),
        )


def _roles(tracks: Tracks) -> list[str]:
    names = {role.track_id: str(role.role) for role in tracks.roles} | {NO_TRACK: _UNKNOWN}
    return [names.get(int(number), _UNKNOWN) for number in tracks.track_id]
