"""Finding a font of the system that can write what a room shows; Pillow's own where there is none.

Fonts are never needed: without one that has Chinese characters these become marks that look like
handwriting from afar. Pictures (not truth) therefore depend on the fonts of the machine.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_CJK_FILES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "msyh.ttc",
    "simhei.ttf",
    "PingFang.ttc",
    "STHeiti Light.ttc",
    "DroidSansFallbackFull.ttf",
)
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_HAN_FIRST, _HAN_LAST = "\u3000", "\uffef"


def has_han(text: str) -> bool:
    """Whether ``text`` has a character that a Latin font lacks."""
    return any(_HAN_FIRST <= c <= _HAN_LAST for c in text)


@cache
def han_font_file() -> Path | None:
    """File of a font with Chinese characters, or None."""
    for folder in _FOLDERS:
        root = Path(folder).expanduser()
        if not root.is_dir():
            continue
        files = {path.name: path for path in sorted(root.rglob("*")) if path.name in _CJK_FILES}
        for name in _CJK_FILES:
            if name in files:
                return files[name]
    return _ask_fontconfig()


def _ask_fontconfig() -> Path | None:
    try:
        answer = subprocess.run(
            ["fc-list", ":lang=zh-cn", "file"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    files = sorted(line.split(":")[0].strip() for line in answer.stdout.splitlines())
    return next((Path(f) for f in files if Path(f).is_file()), None)


@cache
def font(size_px: int, han: bool) -> Font | None:
    """A font of that size; None where Chinese is asked for and there is no font for it."""
    from PIL import ImageFont

    if not han:
        return ImageFont.load_default(size_px)
    file = han_font_file()
    if file is None:
        return None
    try:
        return ImageFont.truetype(str(file), size_px)
    except OSError:
        return None
