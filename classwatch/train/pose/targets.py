"""Which cells answer for whom: task-aligned assignment (Feng et al., TOOD, 2021)."""

from __future__ import annotations

import torch
from torch import Tensor

_CELLS_EACH = 8
_SCORE_POWER, _OVERLAP_POWER = 0.5, 4.0


def overlaps(a_px: Tensor, b_px: Tensor) -> Tensor:
    """Intersection over union (g, n) of boxes (g, 4) with boxes (n, 4)."""
    low = torch.maximum(a_px[:, None, :2], b_px[None, :, :2])
    high = torch.minimum(a_px[:, None, 2:], b_px[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    sizes = [(x[:, 2:] - x[:, :2]).clamp(min=0).prod(-1) for x in (a_px, b_px)]
    return shared / (sizes[0][:, None] + sizes[1][None] - shared).clamp(min=1e-6)


@torch.no_grad()
def assign(
    centres_px: Tensor, logits: Tensor, boxes_px: Tensor, truth_px: Tensor
) -> tuple[Tensor, Tensor]:
    """For n cells that told ``logits`` (n,) and ``boxes_px`` (n, 4) of one picture with g people:
    whom each answers for (n,), -1 for nobody, and the score (n,) it should have given.

    Every person gets the cells inside the box that agree best in score and box; a cell that two
    people want goes to the one it overlaps more.
    """
    n = len(centres_px)
    owner = torch.full((n,), -1, dtype=torch.long, device=logits.device)
    wanted = torch.zeros(n, device=logits.device)
    if not len(truth_px) or not n:
        return owner, wanted
    overlap = overlaps(truth_px, boxes_px)
    gaps = torch.cat(
        [centres_px[None] - truth_px[:, None, :2], truth_px[:, None, 2:] - centres_px[None]], -1
    )
    inside = gaps.amin(-1) > 0
    aligned = logits.sigmoid() ** _SCORE_POWER * overlap**_OVERLAP_POWER * inside
    most = aligned.topk(min(_CELLS_EACH, n), dim=1)
    chosen = torch.zeros_like(inside).scatter_(1, most.indices, value=True) & inside
    overlap_of_chosen = torch.where(chosen, overlap, -1.0)
    best, who = overlap_of_chosen.max(0)
    positive = best >= 0
    owner[positive] = who[positive]
    mine = chosen & (who[None] == torch.arange(len(truth_px), device=who.device)[:, None])
    aligned = aligned * mine
    peak = aligned.amax(1, keepdim=True).clamp(min=1e-9)
    reach = (overlap * mine).amax(1, keepdim=True)
    wanted = (aligned / peak * reach).amax(0)
    return owner, wanted
