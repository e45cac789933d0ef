"""The least any program needs: unskippable decoding over the cores, plus model time.

``python -m tests.benchmarks.floor VIDEO MODEL --pictures N`` prints seconds. Decoding skips
non-reference frames and converts nothing; the model runs N pictures of 640x384, one one-thread
engine per core side by side.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from pathlib import Path

import numpy as np


def decode_part(video: str, start_s: float, end_s: float) -> int:
    import av

    frames = 0
    with av.open(video) as source:
        stream = source.streams.video[0]
        stream.thread_count = 1
        stream.codec_context.skip_frame = "NONREF"
        source.seek(int(start_s / stream.time_base), stream=stream)
        for frame in source.decode(stream):
            if frame.time is not None and frame.time >= end_s:
                break
            frames += 1
    return frames


def infer(model: str, pictures: int) -> int:
    from classwatch.config import PoseConfig
    from classwatch.vision.engine import open_engine, resolve

    config = resolve(PoseConfig(), Path(model), "cpu")
    engine = open_engine(Path(model), config, threads=1)
    picture = np.random.default_rng(0).integers(0, 255, (360, 640, 3), dtype=np.uint8)
    for _ in range(pictures):
        engine.detect([picture])
    return pictures


def main() -> None:
    import av

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video")
    parser.add_argument("model")
    parser.add_argument("--pictures", type=int, required=True)
    args = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    with av.open(args.video) as source:
        duration_s = float(source.duration or 0) / 1e6
    parts = [(i * duration_s / cores, (i + 1) * duration_s / cores) for i in range(cores)]
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        pool.starmap(infer, [(args.model, 1)] * cores)  # imports and compilation are not counted
        began = time.perf_counter()
        pool.starmap(decode_part, [(args.video, a, b) for a, b in parts], chunksize=1)
        decode_s = time.perf_counter() - began
        began = time.perf_counter()
        pool.starmap(infer, [(args.model, args.pictures // cores)] * cores, chunksize=1)
        model_s = time.perf_counter() - began
    print(f"decode_s={decode_s:.1f} model_s={model_s:.1f} floor_s={decode_s + model_s:.1f}")


if __name__ == "__main__":
    main()
