"""The script that people write first: every frame through ultralytics, sound as the libraries do.

``python -m tests.benchmarks.straightforward VIDEO MODEL [--max-frames N]``
"""

from __future__ import annotations

import argparse
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("video")
parser.add_argument("model")
parser.add_argument("--max-frames", type=int, default=0)
parser.add_argument("--no-sound", action="store_true")
args = parser.parse_args()

from ultralytics import YOLO  # noqa: E402 - as a script would

began = time.perf_counter()
frames = people = 0
for result in YOLO(args.model, task="pose").predict(source=args.video, stream=True, verbose=False):
    frames += 1
    people += len(result.boxes)
    if frames == args.max_frames:
        break
picture_s = time.perf_counter() - began
print(f"frames={frames} people={people} picture_s={picture_s:.1f}")

if not args.no_sound:
    from faster_whisper.audio import decode_audio
    from faster_whisper.vad import get_speech_timestamps

    began = time.perf_counter()
    spans = get_speech_timestamps(decode_audio(args.video))
    print(f"speech_spans={len(spans)} sound_s={time.perf_counter() - began:.1f}")
