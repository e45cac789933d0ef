"""FIAS: ten categories, the ten-by-ten matrix, and Flanders' ratios.

Counts: n_i tallies of category i in the series as written, N their sum; m_ij cells of the matrix
of neighbouring pairs, M their sum (the series with its border has M + 1 codes).
"""

from __future__ import annotations

import numpy as np

from classwatch.core.measures import Measure, Unit, Why
from classwatch.metrics.basis import Basis
from classwatch.metrics.cells import with_interval
from classwatch.metrics.definition import measure
from classwatch.metrics.ratios import (
    Numbers,
    Ratio,
    all_of,
    all_pairs,
    coded_sheet,
    each_label,
    pairs_of,
    ratio_measures,
    share_measure,
    steady,
    sum_of,
)
from classwatch.metrics.scheme import FIAS
from classwatch.metrics.sequence import Tally

SOURCE = "Flanders 1970, Analyzing Teaching Behavior"
CATEGORIES = tuple(range(1, 11))
REGIONS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "extended_indirect": ((1, 2, 3), (1, 2, 3)),
    "extended_direct": ((6, 7), (6, 7)),
    "response_to_pupils": ((8, 9), (1, 2, 3, 4, 5, 6, 7)),
    "pupils_after_teacher": ((1, 2, 3, 4, 5, 6, 7), (8, 9)),
    "extended_pupil_talk": ((8, 9), (8, 9)),
    "into_silence": ((1, 2, 3, 4, 5, 6, 7, 8, 9), (10,)),
    "extended_silence": ((10,), (10,)),
}
"""Rows and columns of the areas of the matrix that are read as a whole."""


def content_cross(tallied: Tally) -> Numbers:
    """Cells in rows or columns 4 and 5, each once."""
    content = (4, 5)
    rows = pairs_of(tallied, content, CATEGORIES)
    columns = pairs_of(tallied, CATEGORIES, content)
    found: Numbers = rows + columns - pairs_of(tallied, content, content)
    return found


RATIOS = (
    Ratio(
        "tt", "教师言语比例 TT", "TT, teacher talk", "TT = (n1 + ... + n7) / N",
        "类别 1 至 7 的编码占全部编码的比例。",
        "Codes 1 to 7 over all codes.",
        "按 3 秒编码得到，与准确时间的教师话语比例略有不同。",
        "From 3 s codes, so it differs a little from the exact share of teacher talk.",
        lambda t: (sum_of(t, 1, 2, 3, 4, 5, 6, 7), all_of(t)),
    ),
    Ratio(
        "pt", "学生言语比例 PT", "PT, pupil talk", "PT = (n8 + n9) / N",
        "类别 8 与 9 的编码占全部编码的比例。",
        "Codes 8 and 9 over all codes.",
        "小组讨论在 FIAS 中记为 10，不在其中。",
        "Group talk is 10 in FIAS and not part of it.",
        lambda t: (sum_of(t, 8, 9), all_of(t)),
        ("8", "9"),
    ),
    Ratio(
        "sc", "沉寂或混乱比例 SC", "SC, silence or confusion", "SC = n10 / N",
        "类别 10 的编码占全部编码的比例：思考、练习、讨论、混乱都在内。",
        "Code 10 over all codes: thinking, practice, discussion and confusion alike.",
        "FIAS 分不清有益与无益的安静；可看 iFIAS、ITIAS。",
        "FIAS cannot tell useful from useless silence; iFIAS and ITIAS can.",
        lambda t: (sum_of(t, 10), all_of(t)),
        ("10",),
    ),
    Ratio(
        "id_ratio", "间接与直接比 I/D", "I/D, indirect to direct",
        "I/D = (n1 + n2 + n3 + n4) / (n5 + n6 + n7)",
        "教师间接言语（1 至 4）与直接言语（5 至 7）之比。",
        "The teacher's indirect talk (1 to 4) over the direct (5 to 7).",
        "大于 1 表示间接言语多于直接言语；讲授课自然较小。",
        "Above 1 there is more indirect than direct talk; lectures have a low ratio by nature.",
        lambda t: (sum_of(t, 1, 2, 3, 4), sum_of(t, 5, 6, 7)),
        unit=Unit.RATIO,
    ),
    Ratio(
        "id_revised", "修正的间接直接比 i/d", "i/d, revised indirect to direct",
        "i/d = (n1 + n2 + n3) / (n6 + n7)",
        "去掉提问与讲授后的间接与直接言语之比，与内容多少无关。",
        "Indirect over direct talk without questions and lecture, so content does not enter.",
        "分母常常很小，一两码就会使比值大变。",
        "The denominator is often small, so a code or two changes it much.",
        lambda t: (sum_of(t, 1, 2, 3), sum_of(t, 6, 7)),
        ("1", "2", "3"),
        Unit.RATIO,
    ),
    Ratio(
        "trr", "教师反应比 TRR", "TRR, teacher response ratio",
        "TRR = (n1 + n2 + n3) / (n1 + n2 + n3 + n6 + n7)",
        "教师对学生想法和感受的反应，占其与内容无关言语的比例。",
        "The teacher's response to ideas and feelings, over talk that is not about content.",
        "与 i/d 同源，换成了 0 到 1 之间的比例。",
        "The same counts as i/d, as a share.",
        lambda t: (sum_of(t, 1, 2, 3), sum_of(t, 1, 2, 3, 6, 7)),
        ("1", "2", "3"),
    ),
    Ratio(
        "tqr", "教师提问比 TQR", "TQR, teacher question ratio", "TQR = n4 / (n4 + n5)",
        "提问占教师内容言语（提问与讲授）的比例。按编码数，不按字数。",
        "Questions over the teacher's content talk (questions and lecture); of codes, not of "
        "characters.",
        "只说明问与讲的多少，不说明问题的好坏。",
        "Shows how much is asked and how much told, not how good the questions are.",
        lambda t: (sum_of(t, 4), sum_of(t, 4, 5)),
        ("4",),
    ),
    Ratio(
        "pir", "学生主动比 PIR", "PIR, pupil initiation ratio", "PIR = n9 / (n8 + n9)",
        "学生主动说话占学生说话的比例。",
        "Pupil talk that pupils initiate, over all pupil talk.",
        "是否点名要从画面或文字判断，错判会直接改变它。",
        "Whether a pupil was called is judged from words and picture; errors change it directly.",
        lambda t: (sum_of(t, 9), sum_of(t, 8, 9)),
        ("9",),
    ),
    Ratio(
        "ccr", "内容十字区比 CCR", "CCR, content cross ratio",
        "CCR = (cells in rows or columns 4, 5) / M",
        "矩阵第 4、5 行与列（十字区）的次数占全部次数的比例，交叉处只计一次。",
        "Cells in rows or columns 4 and 5 of the matrix, each once, over all cells.",
        "越高，课堂越集中在讲授与问答内容上。",
        "The higher, the more the lesson keeps to lecture and questions on content.",
        lambda t: (content_cross(t), all_pairs(t)),
        ("4", "5"),
    ),
    Ratio(
        "ssr", "稳定状态比 SSR", "SSR, steady state ratio", "SSR = (m11 + ... + m10,10) / M",
        "矩阵对角线的次数占全部次数的比例：同一类别持续 3 秒以上。",
        "Cells on the diagonal over all cells: staying in one category for over 3 s.",
        "越高，交流转换越慢。",
        "The higher, the slower the exchange.",
        lambda t: (steady(t, *CATEGORIES), all_pairs(t)),
    ),
    Ratio(
        "pssr", "学生稳定状态比 PSSR", "PSSR, pupil steady state ratio",
        "PSSR = (m88 + m99) / (n8 + n9)",
        "学生言语中持续 3 秒以上的比例；8 接 9 不算持续。",
        "Pupil talk that goes on in its category; 8 followed by 9 is no steady state.",
        "越高，学生一次说得越长。",
        "The higher, the longer pupils talk at a time.",
        lambda t: (steady(t, 8, 9), sum_of(t, 8, 9)),
        ("8", "9"),
    ),
    Ratio(
        "trr89", "教师即时反应比 TRR89", "TRR89, instantaneous response ratio",
        "TRR89 = m(8-9 -> 1-3) / m(8-9 -> 1, 2, 3, 6, 7)",
        "学生话音刚落时，教师反应学生想法和感受的比例。",
        "Right after pupil talk, the teacher's response to ideas and feelings, as in TRR.",
        "次数往往不多，请看置信区间。",
        "There are often few of them, so look at the interval.",
        lambda t: (pairs_of(t, (8, 9), (1, 2, 3)), pairs_of(t, (8, 9), (1, 2, 3, 6, 7))),
    ),
    Ratio(
        "tqr89", "教师即时提问比 TQR89", "TQR89, instantaneous question ratio",
        "TQR89 = m(8-9 -> 4) / m(8-9 -> 4, 5)",
        "学生话音刚落时，教师以提问（而非讲授）接续的比例。",
        "Right after pupil talk, how often the teacher asks rather than lectures.",
        "次数往往不多，请看置信区间。",
        "There are often few of them, so look at the interval.",
        lambda t: (pairs_of(t, (8, 9), (4,)), pairs_of(t, (8, 9), (4, 5))),
    ),
)  # fmt: skip


SHARE = Ratio(
    "share", "FIAS 各类别比例", "FIAS categories", "share(i) = n_i / N",
    "十个类别各占全部编码的比例，相加为 1。",
    "The share of each of the ten categories among all codes; they add up to 1.",
    "思考、练习、讨论、技术与混乱在 FIAS 中都是 10，这是方法本身的局限。",
    "Thinking, practice, discussion, technology and confusion are all 10 in FIAS: a limit of the "
    "method.",
    each_label,
)  # fmt: skip


@measure("fias.region")
def region(basis: Basis) -> tuple[Measure, ...]:
    """Areas of the matrix as shares of all its cells.

    name-zh: FIAS 矩阵区域
    name-en: Areas of the FIAS matrix
    unit: share
    formula: share(area) = cells in the area / M
    source: Flanders 1970, Analyzing Teaching Behavior
    sampling-zh: 相邻两码成一对，首尾补 10；编码规则见编号
    sampling-en: pairs of neighbouring codes, 10 before and after the series; coding as in the id
    gates: voiced snr roles voices coded windows
    zh: 矩阵中几个区域的次数占全部次数的比例：持续间接影响（1–3 行列）、持续直接影响（6–7 行列）、
        教师对学生的反应（8–9 行、1–7 列）、学生接教师（1–7 行、8–9 列）、学生持续说话（8–9 行列）、
        转入沉寂（1–9 行、10 列）与持续沉寂（10 行列）。区域不覆盖整个矩阵。
    en: Cells of some areas of the matrix over all cells - extended indirect (rows and columns 1-3),
        extended direct (6-7), the teacher's response to pupils (rows 8-9, columns 1-7), pupils
        after the teacher (rows 1-7, columns 8-9), extended pupil talk (8-9), into silence (rows
        1-9, column 10) and extended silence (10). They do not cover the matrix.
    reading-zh: 区域是读矩阵的入口，细节请看导出的矩阵。
    reading-en: A way into the matrix; for details see the matrix itself.
    """
    sheet, found = coded_sheet(basis, FIAS, "fias.region", Unit.SHARE)
    if isinstance(found, Why):
        return sheet.all_absent(found, REGIONS)
    below = all_pairs(found.minutes).astype(np.float64)
    return tuple(
        with_interval(
            sheet.ratio(int(pairs_of(found.whole, *area)), int(all_pairs(found.whole)), part=name),
            pairs_of(found.minutes, *area).astype(np.float64),
            below,
        )
        for name, area in REGIONS.items()
    )


MEASURES = (share_measure(FIAS, SOURCE, SHARE), *ratio_measures(FIAS, SOURCE, RATIOS), region)
