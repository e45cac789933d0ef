"""ITIAS: eighteen codes, with three for technology and three for silence."""

from __future__ import annotations

from classwatch.core.measures import Unit
from classwatch.metrics.ratios import (
    Ratio,
    all_of,
    all_pairs,
    each_label,
    ratio_measures,
    share_measure,
    steady,
    sum_of,
)
from classwatch.metrics.scheme import ITIAS

SOURCE = "顾小清、王炜 2004"
_OWN = "own ratio on the codes of " + SOURCE

RATIOS = (
    Ratio(
        "teacher", "ITIAS 教师言语比例", "ITIAS, teacher talk", "(n1 + ... + n8) / N",
        "编码 1 至 8 占全部编码的比例。", "Codes 1 to 8 over all codes.",
        "课型不同，比例自然不同。", "Differs by type of lesson by nature.",
        lambda t: (sum_of(t, 1, 2, 3, 4, 5, 6, 7, 8), all_of(t)),
    ),
    Ratio(
        "student", "ITIAS 学生言语比例", "ITIAS, student talk", "(n9 + ... + n12) / N",
        "编码 9 至 12 占全部编码的比例，含与同伴讨论。",
        "Codes 9 to 12 over all codes, talk with peers included.",
        "麦克风收不到的讨论会算成安静。",
        "Discussion that the microphone misses counts as silence.",
        lambda t: (sum_of(t, 9, 10, 11, 12), all_of(t)), ("9", "10", "11", "12"),
    ),
    Ratio(
        "silence", "ITIAS 沉寂比例", "ITIAS, silence", "(n13 + n14 + n15) / N",
        "编码 13 至 15（混乱、思考、练习）占全部编码的比例。",
        "Codes 13 to 15 (confusion, thinking, practice) over all codes.",
        "安静常常是有用的，请看三种各占多少。",
        "Silence is often useful; look at the three kinds.",
        lambda t: (sum_of(t, 13, 14, 15), all_of(t)), ("13", "14", "15"),
    ),
    Ratio(
        "technology", "ITIAS 技术使用比例", "ITIAS, technology", "(n16 + n17 + n18) / N",
        "编码 16 至 18 占全部编码的比例。", "Codes 16 to 18 over all codes.",
        "边讲边用技术时按言语编码，不在其中。",
        "Technology used while somebody talks is coded as talk and not part of it.",
        lambda t: (sum_of(t, 16, 17, 18), all_of(t)), ("16", "17", "18"),
    ),
    Ratio(
        "teacher_technology", "教师操纵技术占技术的比例", "ITIAS, technology run by the teacher",
        "n16 / (n16 + n17 + n18)",
        "教师操纵技术占技术编码的比例。", "The teacher's technology among the technology codes.",
        "只比较三类技术编码。", "Compares the three technology codes only.",
        lambda t: (sum_of(t, 16), sum_of(t, 16, 17, 18)), ("16",), source=_OWN,
    ),
    Ratio(
        "student_technology", "学生操纵技术占技术的比例", "ITIAS, technology run by students",
        "n17 / (n16 + n17 + n18)",
        "学生操纵技术占技术编码的比例。", "The students' technology among the technology codes.",
        "只比较三类技术编码。", "Compares the three technology codes only.",
        lambda t: (sum_of(t, 17), sum_of(t, 16, 17, 18)), ("17",), source=_OWN,
    ),
    Ratio(
        "id_ratio", "ITIAS 间接与直接比", "ITIAS, indirect to direct",
        "(n1 + ... + n5) / (n6 + n7 + n8)",
        "教师间接言语（1 至 5）与直接言语（6 至 8）之比。",
        "The teacher's indirect talk (1 to 5) over the direct (6 to 8).",
        "讲授课自然较小。", "Low for lectures by nature.",
        lambda t: (sum_of(t, 1, 2, 3, 4, 5), sum_of(t, 6, 7, 8)), unit=Unit.RATIO,
    ),
    Ratio(
        "open", "ITIAS 开放性问题比例", "ITIAS, open questions", "n4 / (n4 + n5)",
        "开放性问题占提问编码的比例。", "Open questions among the question codes.",
        "判断不出的提问记为封闭，因此是下限；按编码数，不按问题个数。",
        "A question that could not be told counts as closed, so this is a lower limit; of codes, "
        "not of questions.",
        lambda t: (sum_of(t, 4), sum_of(t, 4, 5)), ("4",),
    ),
    Ratio(
        "volunteered", "ITIAS 主动应答比例", "ITIAS, volunteered answers", "n10 / (n9 + n10)",
        "主动应答占应答编码的比例。", "Volunteered answers among the answers.",
        "是否点名的判断会直接影响它。", "Depends directly on who was judged to be called.",
        lambda t: (sum_of(t, 10), sum_of(t, 9, 10)), ("10",), source=_OWN,
    ),
    Ratio(
        "student_questions", "ITIAS 学生提问比例", "ITIAS, student questions",
        "n11 / (n9 + ... + n12)",
        "学生主动提问占学生言语的比例。", "Questions of students over student talk.",
        "学生提问通常很少，一两次就会改变它。",
        "There are usually few of them; one or two change it.",
        lambda t: (sum_of(t, 11), sum_of(t, 9, 10, 11, 12)), ("11",), source=_OWN,
    ),
    Ratio(
        "peer", "ITIAS 与同伴讨论比例", "ITIAS, talk with peers", "n12 / (n9 + ... + n12)",
        "与同伴讨论占学生言语的比例。", "Talk with peers over student talk.",
        "讨论的质量要听录音。", "How good the discussion is must be heard.",
        lambda t: (sum_of(t, 12), sum_of(t, 9, 10, 11, 12)), ("12",), source=_OWN,
    ),
    Ratio(
        "steady", "ITIAS 稳定状态比", "ITIAS, steady state", "(m11 + ... + m18,18) / M",
        "矩阵对角线的次数占全部次数的比例。", "Cells on the diagonal over all cells.",
        "越高，交流转换越慢。", "The higher, the slower the exchange.",
        lambda t: (steady(t, *range(1, 19)), all_pairs(t)), source=_OWN,
    ),
)  # fmt: skip


SHARE = Ratio(
    "share", "ITIAS 各编码比例", "ITIAS codes", "share(i) = n_i / N",
    "十八个编码各占全部编码的比例，相加为 1。",
    "The share of each of the eighteen codes; they add up to 1.",
    "板书时的安静记为 15，不知种类的安静记为 14。",
    "Silence during board writing is 15, silence of no known kind 14.",
    each_label,
)  # fmt: skip


MEASURES = (share_measure(ITIAS, SOURCE, SHARE), *ratio_measures(ITIAS, SOURCE, RATIOS))
