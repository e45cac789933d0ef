"""What ``classwatch doctor`` looks at. Native libraries are tried in processes of their own, so
that one which crashes on this processor is named instead of taking the doctor down.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from classwatch import __version__
from classwatch.core.errors import ClasswatchError

State = Literal["good", "absent", "missing"]
"""``absent``: optional and not here; ``missing``: nothing works without it."""

_PACKAGES = (
    "av",
    "numpy",
    "pyarrow",
    "torch",
    "ultralytics-opencv-headless",
    "openvino",
    "onnxruntime",
    "faster-whisper",
    "ctranslate2",
    "scikit-learn",
)
_PROBE_TIMEOUT_S = 90
_CJK_FONTS = ("notosanscjk", "notoserifcjk", "sourcehan", "wqy", "msyh", "simsun", "pingfang")
_CJK_FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_PROBES = {
    "FFmpeg (PyAV)": (
        "import av, json; print(json.dumps(', '.join(c for c in ('h264', 'hevc', 'av1', 'vp9', "
        "'aac') if c in av.codecs_available)))"
    ),
    "OpenVINO": (
        "import openvino, json; c = openvino.Core(); print(json.dumps(', '.join(f'{d}: '"
        "f'{c.get_property(d, \"FULL_DEVICE_NAME\")}' for d in c.available_devices)))"
    ),
    "ONNX Runtime": (
        "import onnxruntime, json; print(json.dumps(', '.join("
        "onnxruntime.get_available_providers())))"
    ),
    "PyTorch": (
        "import torch, json; n = torch.cuda.device_count() if torch.cuda.is_available() else 0; "
        "print(json.dumps(', '.join(f'cuda:{i} {torch.cuda.get_device_name(i)}' for i in "
        "range(n)) or 'no CUDA device'))"
    ),
    "CTranslate2": (
        "import ctranslate2, json; print(json.dumps('CUDA devices: ' + "
        "str(ctranslate2.get_cuda_device_count()) + '; cpu: ' + ', '.join(sorted("
        "ctranslate2.get_supported_compute_types('cpu')))))"
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    topic: str
    name: str
    state: State
    detail: str
    remedy: str = ""


def all_checks() -> tuple[Check, ...]:
    """Every check, in the order shown."""
    return (
        *_versions(),
        *_back_ends(),
        *_processor(),
        *_models(),
        *_network(),
        _fonts(),
        *_folders(),
    )


def _versions() -> list[Check]:
    checks = [
        Check("versions", "classwatch", "good", __version__),
        Check("versions", "python", "good", f"{platform.python_version()} on {_system()}"),
    ]
    for name in _PACKAGES:
        try:
            checks.append(Check("versions", name, "good", metadata.version(name)))
        except metadata.PackageNotFoundError:
            checks.append(
                Check("versions", name, "missing", "not installed", "install classwatch again")
            )
    return checks


def _system() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def _back_ends() -> list[Check]:
    return [_probe(name, code) for name, code in _PROBES.items()]


def _probe(name: str, code: str) -> Check:
    """Run ``code``, which prints one JSON text, in a process of its own."""
    try:
        ran = subprocess.run(
            [sys.executable, "-I", "-c", code],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("back ends", name, "missing", f"does not start: {type(error).__name__}")
    if ran.returncode < 0:
        return Check("back ends", name, "missing", f"crashes with signal {-ran.returncode}")
    try:
        return Check("back ends", name, "good", str(json.loads(ran.stdout.splitlines()[-1])))
    except (ValueError, IndexError):
        last = (ran.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Check("back ends", name, "missing", last[:200], "install classwatch again")


def _processor() -> list[Check]:
    import psutil

    features = _cpu_features()
    memory = psutil.virtual_memory()
    cores = f"{psutil.cpu_count(logical=False) or '?'} cores, {os.cpu_count()} threads"
    return [
        Check("machine", "processor", "good", f"{_cpu_name()}; {cores}"),
        Check("machine", "features", "good", " ".join(features) or "not known"),
        Check(
            "machine",
            "memory",
            "good" if memory.total > 3e9 else "absent",
            f"{memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free",
            "" if memory.total > 3e9 else "4 GB are needed for whole lessons",
        ),
    ]


def _cpu_info() -> dict[str, str]:
    """First processor of /proc/cpuinfo; empty on other systems."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    lines = [line.partition(":") for line in text.split("\n\n")[0].splitlines()]
    return {key.strip(): value.strip() for key, _, value in lines}


def _cpu_name() -> str:
    return _cpu_info().get("model name") or platform.processor() or platform.machine()


def _cpu_features() -> tuple[str, ...]:
    """The instruction sets that decide how fast models run."""
    flags = set(_cpu_info().get("flags", "").split())
    wanted = ("avx", "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
    return tuple(f for f in wanted if f in flags)


def _models() -> list[Check]:
    from classwatch.models import Registry

    try:
        registry = Registry.load()
    except ClasswatchError as error:
        return [Check("models", "registry", "missing", str(error))]
    checks = []
    for task, lost in (
        ("pose", "measures from the pictures abstain"),
        ("asr", "measures from words abstain, unless a transcript is given"),
    ):
        try:
            model = registry.find("auto", task)
        except ClasswatchError as error:
            checks.append(Check("models", task, "absent", error.message, error.remedy))
            continue
        if model is None:
            name = registry.prefer.get(task, ("NAME",))[0]
            remedy = f"`classwatch models pull {name}`, or `classwatch models import PATH`"
            checks.append(Check("models", task, "absent", lost, remedy))
        else:
            detail = f"{model.name}, {model.path}, SHA-256 {model.sha256}"
            checks.append(Check("models", task, "good", detail))
    folders = ", ".join(str(f) for f in registry.folders)
    return [*checks, Check("models", "looked for in", "good", folders)]


def _network() -> list[Check]:
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
    proxies = [n for n in names if os.environ.get(n.lower()) or os.environ.get(n)]
    return [
        Check(
            "network",
            "policy",
            "good",
            "only `classwatch models pull` opens a connection; no telemetry",
        ),
        Check("network", "proxy", "good", f"from {', '.join(proxies)}" if proxies else "none"),
    ]


def _fonts() -> Check:
    """Whether a Chinese font is here; only viewing reports on this machine needs one."""
    for folder in _CJK_FONT_FOLDERS:
        for _, _, names in os.walk(Path(folder).expanduser()):
            for name in sorted(names):
                plain = name.lower().replace("-", "").replace("_", "")
                if any(font in plain for font in _CJK_FONTS):
                    return Check("fonts", "Chinese", "good", name)
    return Check(
        "fonts",
        "Chinese",
        "absent",
        "none found; reports show boxes on this machine",
        "install a font such as Noto Sans CJK",
    )


def _folders() -> list[Check]:
    from classwatch.models.paths import home

    places = (("own folder", home()), ("temporary", Path(tempfile.gettempdir())), ("here", Path()))
    return [_folder(name, place) for name, place in places]


def _folder(name: str, place: Path) -> Check:
    existing = place.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
        free = f"{shutil.disk_usage(existing).free / 1e9:.1f} GB free"
    except OSError as error:
        remedy = "CLASSWATCH_HOME moves it" if name == "own folder" else ""
        return Check("folders", name, "absent", f"{place.absolute()}: {error.strerror}", remedy)
    return Check("folders", name, "good", f"{place.absolute()}, {free}")
