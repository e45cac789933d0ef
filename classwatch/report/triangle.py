"""The Rt-Ch triangle: where a lesson lies between lecture, practice and dialogue."""

from __future__ import annotations

from dataclasses import dataclass

from classwatch.core.measures import Measure
from classwatch.report import svg
from classwatch.report.model import ReportInput
from classwatch.report.words import Words, fill

_LEFT, _TOP, _SIDE = 46.0, 16.0, 300.0
_HEIGHT = 270.0
_PRACTICE, _LECTURE, _DIALOGUE = 0.3, 0.7, 0.4
"""Mode limits on Rt and Ch (Fu Derong and Zhang Huimin), defined for 15 to 30 s sampling."""


@dataclass(frozen=True, slots=True)
class Triangle:
    """The drawing and what must be said beside it. ``drawing`` is "" where there is no point."""

    drawing: str
    rt: str
    ch: str
    mode: str
    sampling: str
    exact: str
    missing: str


def triangle(report: ReportInput, say: Words) -> Triangle:
    """The triangle of the grid-sampled Rt and Ch of this lesson, or why there is none."""
    rt = _find(report, "st.rt", exact=False)
    ch = _find(report, "st.ch", exact=False)
    exact = _find(report, "st.rt", exact=True)
    mode = _find(report, "st.mode", exact=False)
    exact_text = f"{exact.value:.2f}" if exact and exact.value is not None else ""
    if rt is None or ch is None or rt.value is None or ch.value is None:
        return Triangle("", "", "", "", "", exact_text, _reason(rt or ch, report, say))
    mode_text = (
        say.name("mode", mode.category) if mode and mode.category else _reason(mode, report, say)
    )
    label = say("triangle.label", rt=f"{rt.value:.2f}", ch=f"{ch.value:.2f}", mode=mode_text)
    sampling = report.samplings.get("st.ch") or say.foreign(ch.sampling)
    drawing = svg.drawing(
        _areas(say) + _axes(say) + _point(rt.value, ch.value, say),
        label,
        _LEFT + _SIDE + 24,
        _TOP + _HEIGHT + 46,
        stretch=False,
    )
    return Triangle(
        drawing, f"{rt.value:.2f}", f"{ch.value:.2f}", mode_text, sampling, exact_text, ""
    )


def _find(report: ReportInput, base: str, *, exact: bool) -> Measure | None:
    found = [m for m in report.measures if m.id.partition("@")[0] == base]
    wanted = [m for m in found if ("exact" in m.id.partition("@")[2]) is exact]
    return next(iter(wanted), None)


def _reason(measure: Measure | None, report: ReportInput, say: Words) -> str:
    if measure is None or measure.why is None:
        return say("triangle.none")
    return fill(report.reasons.get(measure.why.code, measure.why.code), measure.why.detail)


def _x(rt: float) -> float:
    return _LEFT + rt * _SIDE


def _y(ch: float) -> float:
    return _TOP + (1 - ch) * _HEIGHT


def _shape(css: str, *corners: tuple[float, float]) -> str:
    points = " ".join(f"{svg.number(_x(a))},{svg.number(_y(b))}" for a, b in corners)
    return svg.element("polygon", class_=css, points=points)


def _areas(say: Words) -> str:
    left = 2 * _PRACTICE
    right = 2 * (1 - _LECTURE)
    shapes = (
        _shape("area-practice", (0, 0), (_PRACTICE, left), (_PRACTICE, 0))
        + _shape("area-lecture", (1, 0), (_LECTURE, right), (_LECTURE, 0))
        + _shape(
            "area-mixed",
            (_PRACTICE, 0),
            (_PRACTICE, _DIALOGUE),
            (_LECTURE, _DIALOGUE),
            (_LECTURE, 0),
        )
        + _shape(
            "area-dialogue",
            (_PRACTICE, _DIALOGUE),
            (_PRACTICE, left),
            (0.5, 1),
            (_LECTURE, right),
            (_LECTURE, _DIALOGUE),
        )
    )
    places = (
        ("practice", 0.185, 0.1),
        ("mixed", 0.5, 0.1),
        ("lecture", 0.815, 0.1),
        ("dialogue", 0.5, 0.66),
    )
    names = "".join(
        svg.text(say(f"mode.{mode}"), class_="area-name", x=_x(rt), y=_y(ch), text_anchor="middle")
        for mode, rt, ch in places
    )
    return shapes + _random_curve(say) + names


def _random_curve(say: Words) -> str:
    """``Ch = 2 Rt (1 - Rt)``: what coarse sampling gives when turns are short and independent."""
    marks = [k / 40 for k in range(41)]
    path = "M" + "L".join(f"{svg.number(_x(r))} {svg.number(_y(2 * r * (1 - r)))}" for r in marks)
    return svg.element("path", svg.element("title", say("triangle.curve")), class_="curve", d=path)


def _axes(say: Words) -> str:
    edge = _shape("edge", (0, 0), (0.5, 1), (1, 0))
    marks = ""
    for k in range(0, 11, 2):
        v = k / 10
        marks += svg.element("path", class_="tickmark", d=f"M{svg.number(_x(v))} {_y(0)}v5")
        marks += svg.element("path", class_="tickmark", d=f"M{_LEFT} {svg.number(_y(v))}h-5")
        marks += svg.text(f"{v:.1f}", class_="num", x=_x(v), y=_y(0) + 19, text_anchor="middle")
        marks += svg.text(f"{v:.1f}", class_="num", x=_LEFT - 9, y=_y(v) + 4, text_anchor="end")
    frame = svg.element(
        "path", class_="frame", d=f"M{_LEFT} {_TOP}V{_TOP + _HEIGHT}H{_LEFT + _SIDE}"
    )
    names = svg.text(
        say("triangle.rt"),
        class_="axis-name",
        x=_LEFT + _SIDE / 2,
        y=_TOP + _HEIGHT + 38,
        text_anchor="middle",
    ) + svg.text(
        say("triangle.ch"),
        class_="axis-name",
        x=0,
        y=0,
        text_anchor="middle",
        transform=f"translate(12 {svg.number(_TOP + _HEIGHT / 2)}) rotate(-90)",
    )
    return frame + edge + marks + names


def _point(rt: float, ch: float, say: Words) -> str:
    x, y = _x(rt), _y(ch)
    guides = svg.element(
        "path",
        class_="guide",
        d=f"M{_LEFT} {svg.number(y)}H{svg.number(x)}V{svg.number(_TOP + _HEIGHT)}",
    )
    rings = svg.element("circle", class_="halo", cx=x, cy=y, r=9) + svg.element(
        "circle", class_="point", cx=x, cy=y, r=5.5
    )
    name = svg.text(say("triangle.point"), class_="point-name", x=x + 13, y=y - 8)
    return guides + rings + name
