"""Build a long 1080p25 lesson by repeating one encoded minute of real material.

``python -m tests.benchmarks.make_lesson OUT.mp4 --minutes 45 --kind easy|noisy``; needs the
reference material beside the checkout (a classroom GIF and a meeting recording).
"""

from __future__ import annotations

import argparse
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SHARED = Path(__file__).resolve().parents[3] / "shared"
PICTURES = SHARED / "data/images_classroom/intel_sample_videos/classroom.gif"
SOUND = SHARED / "data/speech/ami_pyannote/dev00.wav"
FPS, WIDTH, HEIGHT, MINUTE_S = 25, 1920, 1080, 60


def pictures() -> list[np.ndarray]:
    """The clip's frames at full HD, (1080, 1920, 3) uint8."""
    with av.open(str(PICTURES)) as source:
        return [
            frame.reformat(WIDTH, HEIGHT, "rgb24").to_ndarray() for frame in source.decode(video=0)
        ]


def encode_minute(path: Path, kind: str) -> None:
    """One minute: H.264 at 25 frames a second (keyframe every 10 s) and AAC at 48 kHz."""
    rng = np.random.default_rng(0)
    stills = pictures()
    noise = rng.normal(0, 9, (8, HEIGHT, WIDTH, 3)).astype(np.int16)
    options = {"preset": "veryfast", "g": "250"}
    options |= (
        {"b": "10M", "maxrate": "12M", "bufsize": "20M"} if kind == "noisy" else {"crf": "23"}
    )
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = out.add_stream("aac", rate=48_000)
        for i in range(FPS * MINUTE_S):
            still = stills[(i * 14 // FPS) % len(stills)]
            if kind == "noisy":
                shift = int(rng.integers(WIDTH))
                grain = np.roll(noise[i % len(noise)], shift, axis=1)
                still = np.clip(still.astype(np.int16) + grain, 0, 255).astype(np.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(still, format="rgb24")))
        out.mux(video.encode())
        with av.open(str(SOUND)) as source:
            resampler = av.AudioResampler("fltp", "stereo", 48_000, frame_size=1024)
            done = 0
            while done < MINUTE_S * 48_000:
                source.seek(0)
                for frame in source.decode(audio=0):
                    frame.pts = None
                    for piece in resampler.resample(frame):
                        if done >= MINUTE_S * 48_000:
                            break
                        piece.pts, piece.time_base = done, Fraction(1, 48_000)
                        done += piece.samples
                        out.mux(audio.encode(piece))
        out.mux(audio.encode())


def repeat(minute: Path, path: Path, minutes: int) -> None:
    """Copy the minute's packets ``minutes`` times with shifted timestamps."""
    with av.open(str(path), "w") as out:
        streams: dict[int, av.stream.Stream] = {}
        last: dict[int, int] = {}
        for turn in range(minutes):
            with av.open(str(minute)) as source:
                for stream in source.streams:
                    if turn == 0:
                        streams[stream.index] = out.add_stream_from_template(stream)
                for packet in source.demux():
                    if packet.dts is None:
                        continue
                    shift = int(turn * MINUTE_S / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    if packet.dts <= last.get(packet.stream.index, packet.dts - 1):
                        continue  # the minute's sound is a few milliseconds longer than its picture
                    last[packet.stream.index] = packet.dts
                    packet.stream = streams[packet.stream.index]
                    out.mux(packet)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=int, default=45)
    parser.add_argument("--kind", choices=["easy", "noisy"], default="noisy")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        minute = Path(folder) / "minute.mp4"
        encode_minute(minute, args.kind)
        repeat(minute, args.out, args.minutes)
    print(f"{args.out}: {args.minutes} min, {args.out.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
