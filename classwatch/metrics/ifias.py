"""iFIAS: fourteen categories, with technology and with silence that helps told from the rest."""

from __future__ import annotations

from classwatch.core.measures import Unit
from classwatch.metrics.ratios import (
    Numbers,
    Ratio,
    all_of,
    all_pairs,
    each_label,
    ratio_measures,
    share_measure,
    steady,
    sum_of,
)
from classwatch.metrics.scheme import IFIAS
from classwatch.metrics.sequence import Tally

SOURCE = "方海光、高辰柱、陈佳 2012，中国电化教育 2012(10):109-113"
_OWN = "own ratio on the codes of " + SOURCE


def written(tallied: Tally, *labels: str) -> Numbers:
    """Tallies of codes as written: 4.1 apart from 4.2."""
    wanted = [IFIAS.code(label) for label in labels]
    found: Numbers = tallied.labels[..., wanted].sum(axis=-1)
    return found


RATIOS = (
    Ratio(
        "teacher", "iFIAS 教师言语比例", "iFIAS, teacher talk", "(n1 + ... + n7) / N",
        "类别 1 至 7 的编码占全部编码的比例。", "Codes 1 to 7 over all codes.",
        "课型不同，比例自然不同。", "Differs by type of lesson by nature.",
        lambda t: (sum_of(t, 1, 2, 3, 4, 5, 6, 7), all_of(t)),
    ),
    Ratio(
        "student", "iFIAS 学生言语比例", "iFIAS, student talk", "(n8 + n9 + n10) / N",
        "类别 8 至 10 的编码占全部编码的比例，含与同伴讨论。",
        "Codes 8 to 10 over all codes, talk with peers included.",
        "麦克风收不到的讨论会算成安静。",
        "Discussion that the microphone misses counts as silence.",
        lambda t: (sum_of(t, 8, 9, 10), all_of(t)), ("8", "9", "9.1", "9.2", "10"),
    ),
    Ratio(
        "helpful_silence", "有益于教学的沉寂比例", "iFIAS, silence that helps", "n12 / N",
        "类别 12（思考、练习、抄写等）占全部编码的比例。",
        "Code 12 (thinking, practice, copying) over all codes.",
        "不知种类的安静按有益计，因此是上限。",
        "Silence of no known kind is taken to help, so this is an upper limit.",
        lambda t: (sum_of(t, 12), all_of(t)), ("12",),
    ),
    Ratio(
        "confusion", "无助于教学的混乱比例", "iFIAS, confusion", "n11 / N",
        "类别 11 占全部编码的比例。", "Code 11 over all codes.",
        "机器很少能判断混乱，请抽查。", "A machine can seldom tell confusion; check some moments.",
        lambda t: (sum_of(t, 11), all_of(t)), ("11",),
    ),
    Ratio(
        "technology", "iFIAS 技术使用比例", "iFIAS, technology", "(n13 + n14) / N",
        "类别 13 与 14 的编码占全部编码的比例。", "Codes 13 and 14 over all codes.",
        "边讲边用技术时按言语编码，不在其中。",
        "Technology used while somebody talks is coded as talk and not part of it.",
        lambda t: (sum_of(t, 13, 14), all_of(t)), ("13", "14"),
    ),
    Ratio(
        "id_ratio", "iFIAS 间接与直接比", "iFIAS, indirect to direct",
        "(n1 + n2 + n3 + n4) / (n5 + n6 + n7)",
        "教师间接言语（1 至 4）与直接言语（5 至 7）之比。",
        "The teacher's indirect talk (1 to 4) over the direct (5 to 7).",
        "讲授课自然较小。", "Low for lectures by nature.",
        lambda t: (sum_of(t, 1, 2, 3, 4), sum_of(t, 5, 6, 7)), unit=Unit.RATIO,
    ),
    Ratio(
        "open", "iFIAS 开放性问题比例", "iFIAS, open questions", "n4.1 / (n4.1 + n4.2)",
        "开放性问题占能判断开放或封闭的提问编码的比例。",
        "Open questions among the question codes that were told apart.",
        "按编码数（时间），不按问题个数。", "Of codes, that is of time, not of questions.",
        lambda t: (written(t, "4.1"), written(t, "4.1", "4.2")), ("4.1",), source=_OWN,
    ),
    Ratio(
        "initiative", "iFIAS 学生主动说话比例", "iFIAS, student initiative", "n9 / (n8 + n9)",
        "学生主动说话占学生应答与主动说话的比例。",
        "Talk that students initiate, over responses and initiated talk.",
        "是否点名的判断会直接影响它。", "Depends directly on who was judged to be called.",
        lambda t: (sum_of(t, 9), sum_of(t, 8, 9)), ("9", "9.1", "9.2"), source=_OWN,
    ),
    Ratio(
        "steady", "iFIAS 稳定状态比", "iFIAS, steady state", "(m11 + ... + m14,14) / M",
        "矩阵对角线的次数占全部次数的比例。", "Cells on the diagonal over all cells.",
        "越高，交流转换越慢。", "The higher, the slower the exchange.",
        lambda t: (steady(t, *range(1, 15)), all_pairs(t)), source=_OWN,
    ),
)  # fmt: skip


SHARE = Ratio(
    "share", "iFIAS 各编码比例", "iFIAS codes", "share(i) = n_i / N",
    "各编码占全部编码的比例，相加为 1。4 为判断不出开放或封闭的提问，9 为判断不出种类的主动说话。",
    "The share of each code; they add up to 1. Plain 4 is a question that could not be told open "
    "or closed, plain 9 initiated talk whose kind could not be told.",
    "4 与 9 多，说明细分还不可靠。",
    "Much plain 4 or 9 means that the finer codes are not reliable yet.",
    each_label,
)  # fmt: skip


MEASURES = (share_measure(IFIAS, SOURCE, SHARE), *ratio_measures(IFIAS, SOURCE, RATIOS))
