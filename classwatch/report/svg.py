"""The few SVG elements that the charts need, written as escaped text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def number(value: float) -> str:
    """Shortest text with at most two decimals: 12.50 -> ``12.5``, -0.0 -> ``0``."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def element(name: str, content: str = "", /, **attributes: str | float) -> str:
    """One element. Underscores in attribute names become hyphens, ``class_`` becomes ``class``.

    Attribute values are escaped; ``content`` is taken as ready markup.
    """
    parts = [name]
    for key, value in attributes.items():
        text = value if isinstance(value, str) else number(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(text)}"')
    head = " ".join(parts)
    return f"<{head}>{content}</{name}>" if content else f"<{head}/>"


def text(content: str, /, **attributes: str | float) -> str:
    """A text element with escaped content."""
    return element("text", escape(content), **attributes)


def boxes(spans: Iterable[tuple[float, float]], top: float, height: float) -> str:
    """Path data of rectangles ``[left, right)`` that share top and height."""
    return "".join(
        f"M{number(a)} {number(top)}H{number(b)}v{number(height)}H{number(a)}z" for a, b in spans
    )


def bars(spans: Sequence[tuple[float, float]], heights: Sequence[float], base: float) -> str:
    """Path data of bars that stand on ``base`` (y grows downwards); empty ones are left out."""
    return "".join(
        f"M{number(a)} {number(base)}V{number(base - h)}H{number(b)}V{number(base)}z"
        for (a, b), h in zip(spans, heights, strict=True)
        if h > 0
    )


def drawing(content: str, label: str, width: float, height: float, *, stretch: bool) -> str:
    """A whole ``<svg>`` that a screen reader announces as one picture called ``label``.

    With ``stretch`` the drawing fills its box in both directions (time strips); otherwise it keeps
    its proportions.
    """
    return element(
        "svg",
        content,
        role="img",
        aria_label=label,
        viewBox=f"0 0 {number(width)} {number(height)}",
        preserveAspectRatio="none" if stretch else "xMidYMid meet",
        focusable="false",
    )
