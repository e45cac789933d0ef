"""Speed and memory of a recogniser on this machine, by precision, batch size and length of clips.

``python -m tests.benchmarks.recognise --model NAME [--sound FILE] [--minutes 3] [--device cpu]``.
NAME is in the registry and on this machine (or a path to a folder). Without ``--sound`` the sample
lesson is repeated. Each row is one transcription in a process of its own: wall time over length
(real-time factor), peak memory, and how much of the text is that of the first row (full precision
one by one), so that a quick setting that hears something else is seen. The last line names the
quickest setting whose text agrees at least to 98 %.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.tree import measure

ROOT = Path(__file__).resolve().parents[2]
_AGREES = 0.98


@dataclass(frozen=True, slots=True)
class Setting:
    """What is varied."""

    precision: str
    batch_size: int
    longest_clip_s: float


@dataclass(frozen=True, slots=True)
class Task:
    """What stays the same."""

    model: str
    sound: str
    minutes: float
    device: str


def settings(device: str) -> list[Setting]:
    """Full precision one by one first, then each thing varied while the others stay usual."""
    quick = "float16" if device.startswith("cuda") else "int8"
    batches = (1, 4, 8, 16, 32) if device.startswith("cuda") else (1, 2, 4, 8)
    return [
        Setting("float32", 1, 28.0),
        *(Setting(quick, size, 28.0) for size in batches),
        *(Setting(quick, 4, clip_s) for clip_s in (8.0, 15.0, 22.0)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sound", default=str(ROOT / "samples/zh-dialogue/front.mp4"))
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    task = Task(args.model, args.sound, args.minutes, args.device)
    if args.one:
        print(json.dumps(transcribe_once(task, Setting(**json.loads(args.one)))))
        return
    print(f"{'precision':<10} {'batch':>5} {'clip s':>6} {'rtf':>7} {'peak MB':>8} {'same':>6}")
    reference = ""
    agreeing: list[tuple[float, Setting]] = []
    for setting in settings(args.device):
        command = [sys.executable, "-m", "tests.benchmarks.recognise", *sys.argv[1:]]
        cost = measure([*command, "--one", json.dumps(asdict(setting))])
        if cost.exit_code:
            print(f"{setting.precision:<10} {setting.batch_size:>5} failed: {cost.output[-300:]}")
            continue
        result = json.loads(cost.output.strip().splitlines()[-1])
        reference = reference or result["text"]
        same = difflib.SequenceMatcher(None, reference, result["text"], autojunk=False).ratio()
        if same >= _AGREES:
            agreeing.append((result["rtf"], setting))
        print(
            f"{setting.precision:<10} {setting.batch_size:>5} {setting.longest_clip_s:>6.0f} "
            f"{result['rtf']:>7.3f} {cost.peak_mb:>8.0f} {same:>6.1%}",
            flush=True,
        )
    if agreeing:
        _, best = min(agreeing, key=lambda pair: pair[0])
        print(
            f"--set transcribe.precision={best.precision} "
            f"--set transcribe.batch_size={best.batch_size} "
            f"--set transcribe.longest_clip_s={best.longest_clip_s:.0f}"
        )


def transcribe_once(task: Task, setting: Setting) -> dict[str, object]:
    """Real-time factor, loading included, and the text."""
    from classwatch.config.schema import TranscribeConfig, VadConfig
    from classwatch.models import Registry
    from classwatch.speech.transcribe import Run, transcribe
    from classwatch.speech.vad import detect_speech
    from tests.speech.sounds import Samples, sound_of_video

    folder = Path(task.model)
    if not folder.is_dir():
        found = Registry.load().find(task.model, "asr")
        if found is None:
            raise SystemExit(f"{task.model} is not on this machine")
        folder = found.path
    once = sound_of_video(Path(task.sound)).samples
    count = round(task.minutes * 60 * 16_000)
    sound = Samples(np.tile(once, -(-count // len(once)))[:count])
    activity = detect_speech(sound, VadConfig())
    cfg = TranscribeConfig(
        precision=setting.precision,
        batch_size=setting.batch_size,
        longest_clip_s=setting.longest_clip_s,
    )
    began = time.perf_counter()
    found_words = transcribe(sound, activity, folder, cfg, Run(device=task.device))
    seconds = time.perf_counter() - began
    text = "".join(s.text for s in found_words.segments)
    return {"rtf": round(seconds / sound.duration_s, 4), "text": text}


if __name__ == "__main__":
    main()
