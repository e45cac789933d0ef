"""Kinds of the teacher's sentences, with the coder's known errors taken into account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classwatch.core.codes import CodedAct, Instruction
from classwatch.core.measures import Measure, Unit, Why
from classwatch.core.reasons import Reason
from classwatch.core.speech import Origin
from classwatch.core.time import Interval
from classwatch.metrics.acts import act_shares, acts_sheet, moments
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import in_minutes
from classwatch.metrics.confusion import MIN_BLOCKS, corrected_shares
from classwatch.metrics.definition import measure


@measure("instruction.share")
def share(basis: Basis) -> tuple[Measure, ...]:
    """Kinds of the teacher's sentences.

    name-zh: 教师话语的教学行为
    name-en: Kinds of the teacher's sentences
    unit: share
    formula: most likely shares of the true kinds behind the counts of the coded ones, given how the
        coder errs (expectation maximisation)
    source: classes of DialogID (TAL 2021); correction as in Dempster, Laird and Rubin 1977
    sampling-zh: 逐句；按已知的分类误差校正
    sampling-en: each sentence; corrected for the known errors of the coder
    gates: voiced snr roles voices coded
    zh: 教师中文话语分为九类教学行为（表扬、引导、小结、问候、记笔记、请学生复述、复习、
        举例、其他）的比例，相加为 1。分类器在未见过的语料上怎样出错是已知的，比例据此校正，
        区间同时包含分类误差与各分钟的波动。人工逐句编码时不校正。
    en: Shares of nine kinds among the teacher's sentences in Chinese; they add up to 1. How the
        classifier errs on sentences it never saw is known: the shares are corrected for it, and the
        intervals hold these errors as well as the minutes' variation. Codes of a person are taken
        as they are.
    reading-zh: 校正假定分类器在本课的出错方式与网络课语料相同；课型不同，比例自然不同，
        没有好坏之分。
    reading-en: The correction supposes that the classifier errs here as in online lessons. The mix
        depends on the type of lesson and is neither good nor bad.
    """
    sheet, stream = acts_sheet(basis, "instruction.share", Unit.SHARE, "each sentence of a teacher")
    if isinstance(stream, Why):
        return sheet.all_absent(stream, Instruction)
    told = [act for act in stream.acts if act.instruction is not None]
    errors = basis.facts.instruction_errors
    if errors is None or all(act.origin is Origin.ANNOTATED for act in told):
        return act_shares(sheet, stream.span, told, Instruction, lambda act: act.instruction)
    minutes = _in_minutes(told, stream.span, errors.labels)
    if len(minutes) < MIN_BLOCKS:
        short = Why(Reason.TOO_SHORT, {"value": len(minutes), "limit": MIN_BLOCKS})
        return sheet.all_absent(short, Instruction)
    found = corrected_shares(minutes, errors.counts)
    if found is None:
        return sheet.all_absent(Why(Reason.NONE_FOUND), Instruction)
    cells = []
    for at, kind in enumerate(errors.labels):
        own = [act for act in told if act.instruction == kind]
        cell = sheet.give(float(found.share[at]), part=kind, evidence=moments(own, 50))
        cells.append(replace(cell, ci_low=float(found.low[at]), ci_high=float(found.high[at])))
    return tuple(cells)


def _in_minutes(
    acts: Sequence[CodedAct], span: Interval, kinds: Sequence[str]
) -> NDArray[np.float64]:
    """How many of the acts of each kind begin in each whole minute (b, K)."""
    columns = [in_minutes([a.start_s for a in acts if a.instruction == k], span) for k in kinds]
    return np.stack(columns, axis=1)


MEASURES = (share,)
