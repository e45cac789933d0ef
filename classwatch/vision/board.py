"""Writing on the board and changes of a slide, read off coarse looks of the pictures.

Every cell of the picture keeps a settled state of brightness and ink. A cell changes when several
pictures in a row show it free of people, alike, and other than before; whoever stands before it
hides it, so the change lies somewhere between the last look before and the first after. Cells that
gain ink where the teacher stood are writing. Many cells that change together in one compact patch
are a slide. Cells that change all over the picture are a camera or a lamp, and count for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classwatch.core.shots import LOOK_COLUMNS, LOOK_ROWS, Looks

Mask = NDArray[np.bool_]
_ALIKE = 3
"""Pictures in a row that a cell must look alike to be settled."""
_INK = 6.0
"""Change of ink, in quarters of a grey level, that noise and coding do not reach."""
_INK_SHARE = 0.25
_LIGHT = 14.0
"""Change of brightness of a slide; chalk and pens change a whole cell by less."""
_STEADY = 2.0
"""How many times less a settled cell may vary than a change amounts to."""
_WRITING = 16.0
"""Gain of ink of a cell that is written in; rendered chalk adds 70 to 130, a real pen 20 to 60."""
_WRITING_LIGHT = 30.0
_MIN_WRITTEN = 2
_REACH = 0.3
"""How far a writer reaches beyond the box, in its heights."""
_SLIDE_CELLS = 12
_SLIDE_FILL = 0.35
"""Share of its bounding box that a slide fills; changes all over the picture fill less."""
_EVERYWHERE = 0.3
"""Share of the free cells that no slide reaches: the camera moved or a lamp was switched."""
_MOVING_STEPS = 3
_MOVING_CHANGES = 4
"""So many changes in a row, each this close to the last, are a film and not slides."""
_DARK = 45
_PLAIN = 8
"""Brightness and ink (median of the screen) below which it is off."""


@dataclass(frozen=True, slots=True, eq=False)
class CellChanges:
    """Changes of single cells, c of them, in order of ``after``.

    ``row`` and ``column`` (c,); ``before`` and ``after`` (c,) numbers of the pictures in which the
    old and the new state was last and first seen; ``light`` and ``ink`` (c,) float32 the steps;
    ``free`` (f,) how many cells each picture shows free of people.
    """

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    before: NDArray[np.int32]
    after: NDArray[np.int32]
    light: NDArray[np.float32]
    ink: NDArray[np.float32]
    free: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.row)

    def where(self, mask: Mask) -> CellChanges:
        """Some of the changes."""
        return CellChanges(
            self.row[mask],
            self.column[mask],
            self.before[mask],
            self.after[mask],
            self.light[mask],
            self.ink[mask],
            self.free,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """Who may write: ``boxes`` (f, 4) x0, y0, x1, y1 in cells, NaN where not seen; ``turned`` (f,)
    where seen with the back to the class."""

    boxes: NDArray[np.float64]
    turned: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """A slide or screen in the picture: its cells (27, 48), and what it did.

    ``slides`` are numbers of the pictures that first show a new slide; ``moving`` (f,) tells where
    it shows a film, ``on`` (f,) where it is on.
    """

    cells: Mask
    slides: NDArray[np.int32]
    moving: Mask
    on: Mask


def cell_changes(looks: Looks, hidden: Mask) -> CellChanges:
    """Lasting changes of cells; ``hidden`` (f, 27, 48) is where people are."""
    shape = (LOOK_ROWS, LOOK_COLUMNS)
    settled = np.full((2, *shape), np.nan, np.float32)
    seen_at = np.zeros(shape, np.int32)
    recent = np.full((_ALIKE, 2, *shape), np.nan, np.float32)
    since = np.zeros((_ALIKE, *shape), np.int32)
    found: list[tuple[NDArray[Any], ...]] = []
    values = np.stack([looks.light, looks.ink], axis=1).astype(np.float32)
    for now in range(len(looks)):
        free = ~hidden[now]
        recent[:, :, free] = np.concatenate([recent[1:, :, free], values[now][None, :, free]])
        since[:, free] = np.concatenate([since[1:, free], np.full((1, int(free.sum())), now)])
        new = np.median(recent, axis=0)
        vary = recent.max(axis=0) - recent.min(axis=0)
        whole = free & np.isfinite(new[0])
        first = whole & np.isnan(settled[0])
        step = new - settled
        limit = np.stack(
            [np.full(shape, _LIGHT, np.float32), np.maximum(_INK, _INK_SHARE * settled[1])]
        )
        with np.errstate(invalid="ignore"):
            changed = whole & (np.abs(step) >= limit).any(axis=0)
            changed &= (vary <= np.maximum(np.abs(step) / _STEADY, limit / _STEADY)).all(axis=0)
            same = whole & ~changed & (np.abs(values[now] - settled) < limit).all(axis=0)
        if changed.any():
            rows, columns = np.nonzero(changed)
            found.append(
                (
                    rows,
                    columns,
                    seen_at[changed],
                    since[0][changed],
                    step[0][changed],
                    step[1][changed],
                )
            )
        take = first | changed
        settled[:, take] = new[:, take]
        settled[:, same] += 0.1 * (values[now] - settled)[:, same]
        seen_at[take | same] = now
    return _changes(found, (~hidden).sum(axis=(1, 2)))


def _changes(found: list[tuple[NDArray[Any], ...]], free: NDArray[np.int64]) -> CellChanges:
    table = [np.concatenate([f[i] for f in found]) if found else np.zeros(0) for i in range(6)]
    order = np.argsort(table[3], kind="stable")
    row, column, before, after = (np.asarray(table[i][order], np.int32) for i in range(4))
    light, ink = (np.asarray(table[i][order], np.float32) for i in (4, 5))
    return CellChanges(row, column, before, after, light, ink, free)


def settled_view(changes: CellChanges) -> CellChanges:
    """The changes without those that came while the camera moved or a lamp was switched."""
    pictures = len(changes.free)
    per = np.bincount(changes.after, minlength=pictures + 2)
    nearby = per + np.roll(per, 1) + np.roll(per, -1)
    fill = np.asarray([_fill(changes.where(changes.after == p)) for p in range(pictures)])
    many = nearby[:pictures] > _EVERYWHERE * np.maximum(changes.free, 1)
    scattered = (per[:pictures] > 2 * _SLIDE_CELLS) & (fill < _SLIDE_FILL)
    bad = many | scattered
    # A moving camera settles over the pictures that a state needs to become a new one.
    bad = np.convolve(bad, np.ones(2 * _ALIKE + 1), "same") > 0
    return changes.where(~bad[np.minimum(changes.after, pictures - 1)])


def _fill(patch: CellChanges) -> float:
    """Share of the box around nine tenths of a patch's cells that they fill."""
    if len(patch) < _SLIDE_CELLS:
        return 0.0
    low_r, high_r = np.percentile(patch.row, [5, 95])
    low_c, high_c = np.percentile(patch.column, [5, 95])
    area = (high_r - low_r + 1) * (high_c - low_c + 1)
    return float(min(1.0, 0.9 * len(patch) / area))


def find_screen(looks: Looks, changes: CellChanges, *, whole: bool = False) -> Screen | None:
    """The screen, from patches of cells that changed together; ``None`` where none did.

    ``whole``: the picture itself is a screen, and any of its cells may change.
    """
    pictures = len(looks)
    if pictures == 0:
        return None
    quick = changes.where(changes.after - changes.before <= 2)
    cells = np.zeros((LOOK_ROWS, LOOK_COLUMNS), np.bool_)
    slides: list[int] = []
    for picture in np.unique(quick.after).tolist():
        patch = quick.where(quick.after == picture)
        enough = len(patch) >= _SLIDE_CELLS
        if enough and (whole or _fill(patch) >= _SLIDE_FILL):
            slides.append(picture)
            cells[patch.row, patch.column] = True
    if whole:
        cells[:] = True
    elif not slides:
        return None
    cells = cells if whole else _boxed(cells)
    at = np.asarray(_apart(slides), np.int32)
    moving, kept = _films(at, pictures)
    light = np.percentile(looks.light[:, cells], 90, axis=1)
    ink = np.percentile(looks.ink[:, cells], 90, axis=1)
    return Screen(cells, kept, moving, (light >= _DARK) | (ink >= _PLAIN))


def _boxed(cells: Mask) -> Mask:
    """The box around most of the cells, so that people before a screen leave no holes in it."""
    rows, columns = np.nonzero(cells)
    low_r, high_r = (round(float(v)) for v in np.percentile(rows, [3, 97]))
    low_c, high_c = (round(float(v)) for v in np.percentile(columns, [3, 97]))
    box = np.zeros_like(cells)
    box[low_r : high_r + 1, low_c : high_c + 1] = True
    return box


def _apart(slides: list[int]) -> list[int]:
    """Changes one picture apart are one: a cell may settle a picture later than its neighbour."""
    kept: list[int] = []
    for slide in slides:
        if not kept or slide - kept[-1] > 1:
            kept.append(slide)
    return kept


def _films(slides: NDArray[np.int32], pictures: int) -> tuple[Mask, NDArray[np.int32]]:
    """Where changes follow each other like a film's, and the slides outside."""
    moving = np.zeros(pictures, np.bool_)
    runs = np.split(slides, np.flatnonzero(np.diff(slides) > _MOVING_STEPS) + 1)
    kept = [run for run in runs if len(run) < _MOVING_CHANGES]
    for run in runs:
        if len(run) >= _MOVING_CHANGES:
            moving[run[0] : run[-1] + 1] = True
    return moving, np.concatenate([np.zeros(0, np.int32), *kept]).astype(np.int32)


def writing_pictures(changes: CellChanges, allowed: Mask, writer: Writer) -> Mask:
    """Pictures (f,) in which somebody with the back to the class stands where ink comes to be.

    ``allowed`` (27, 48): where a board may be. A stretch of such pictures counts from end to end
    when at least two cells within reach gain ink in it, or come to light with ink after it.
    """
    gains = (changes.ink >= _WRITING) & (np.abs(changes.light) < _WRITING_LIGHT)
    written = changes.where(gains & allowed[changes.row, changes.column])
    active = np.zeros(len(writer.turned), np.bool_)
    for first, last in _runs(writer.turned):
        own = written.where((written.after >= first) & (written.before <= last + 1))
        boxes = writer.boxes[first : last + 1]
        reach = _REACH * float(np.nanmedian(boxes[:, 3] - boxes[:, 1]))
        low, high = np.nanmin(boxes[:, 0]) - reach, np.nanmax(boxes[:, 2]) + reach
        top, bottom = np.nanmin(boxes[:, 1]) - reach, np.nanmax(boxes[:, 3])
        near = (own.column + 1 > low) & (own.column < high)
        near &= (own.row + 1 > top) & (own.row < bottom)
        cells = set(zip(own.row[near].tolist(), own.column[near].tolist(), strict=True))
        active[first : last + 1] = len(cells) >= _MIN_WRITTEN
    return active


def _runs(mask: Mask) -> list[tuple[int, int]]:
    """First and last picture of each stretch; one picture that differs does not break it."""
    at = np.flatnonzero(mask)
    if len(at) == 0:
        return []
    cuts = np.flatnonzero(np.diff(at) > 2)
    firsts = at[np.concatenate([[0], cuts + 1])]
    lasts = at[np.concatenate([cuts, [len(at) - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
