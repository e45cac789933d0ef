"""Opening a media file safely: known formats only, no network, errors in words.

Every other module of this package reads files through ``opened`` and walks them with
``packets``, so that a damaged file is met in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classwatch.core.errors import InputError, ResourceError
from classwatch.media.boxes import encryption_scheme

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.codec.hwaccel import HWAccel
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

FORMATS = (
    "mov,matroska,avi,mpegts,mpeg,flv,live_flv,asf,ogg,wav,w64,aiff,au,caf,flac,mp3,aac,ac3,"
    "eac3,amr,amrnb,amrwb,ape,tta,wv,gif,dv,mxf,nut,rm,wtv,dhav"
)
"""Demuxers that may be used. Playlists, concatenations and capture devices are left out because
they would open other files or the network; bare video streams because they hold no times."""

CONVERT = "convert it, for example: ffmpeg -i INPUT -c:v libx264 -c:a aac OUTPUT.mp4"
_COPY_AGAIN = "copy it again from the recorder, or leave it out"
_MAX_READ_ERRORS = 200


@contextmanager
def opened(path: Path, hardware: str = "") -> Iterator[InputContainer]:
    """Open a local media file for reading; nothing is decoded yet.

    ``hardware`` names a decoding device of FFmpeg (``cuda``) to use for pictures where there is
    one; without it, or where it does not know the codec, the processor decodes.

    Raises ``InputError`` with the reason and a remedy where the file is missing, empty, cut off,
    encrypted, a picture, a text, or in a format that is not known.
    """
    import av

    size = _size(path)
    if size == 0:
        raise InputError("the file is empty (0 bytes)", subject=str(path), remedy=_COPY_AGAIN)
    scheme = encryption_scheme(path)
    if scheme:
        raise encrypted(path, scheme)
    try:
        container = _with_hardware(path, hardware) or _open(path)
    except MemoryError as error:
        raise ResourceError("not enough memory to open the file", subject=str(path)) from error
    except (av.FFmpegError, ValueError) as error:
        raise _unreadable(path, error) from error
    with container:
        yield container


def _open(path: Path, hwaccel: HWAccel | None = None) -> InputContainer:
    import av

    # "file:" keeps names such as "concat:a|b" or "http:x" from being read as protocols.
    return av.open(
        f"file:{path}",
        mode="r",
        container_options={"format_whitelist": FORMATS, "protocol_whitelist": "file"},
        metadata_errors="replace",
        hwaccel=hwaccel,
    )


def _with_hardware(path: Path, hardware: str) -> InputContainer | None:
    """The file with a hardware decoder, or None where that device cannot be had."""
    import av
    from av.codec.hwaccel import HWAccel, hwdevices_available

    if not hardware or hardware not in hwdevices_available():
        return None
    try:
        return _open(path, HWAccel(device_type=hardware, allow_software_fallback=True))
    except (av.FFmpegError, RuntimeError):
        return None


def encrypted(path: Path, scheme: str) -> InputError:
    """The error for a protected recording."""
    return InputError(
        f"the recording is encrypted ({scheme})",
        subject=str(path),
        remedy="export it without copy protection",
    )


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            raise InputError(
                "this is a folder, not a file", subject=str(path), remedy="name a media file"
            )
        with path.open("rb"):
            return path.stat().st_size
    except FileNotFoundError as error:
        raise InputError(
            "the file does not exist", subject=str(path), remedy="check the name and the folder"
        ) from error
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror or error}",
            subject=str(path),
            remedy="check its permissions and the disk",
        ) from error


_PICTURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)


def _unreadable(path: Path, error: Exception) -> InputError:
    with path.open("rb") as file:
        head = file.read(4096)
    for magic, name in _PICTURES:
        if head.startswith(magic):
            return _not_media(path, f"this is a single picture ({name}), not a recording")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _not_media(path, "this is a single picture (WebP), not a recording")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return InputError(
            "the MP4 file has no usable index (moov), as when a recording or a copy was cut off",
            subject=str(path),
            remedy="copy it again; a recorder's repair function or untrunc may restore it",
        )
    if _is_text(head):
        return _not_media(path, "this is a text file, not a recording")
    detail = getattr(error, "strerror", None) or str(error)
    return InputError(
        f"the file is damaged or its format is not known ({detail})",
        subject=str(path),
        remedy=CONVERT,
    )


def _not_media(path: Path, message: str) -> InputError:
    return InputError(message, subject=str(path), remedy="name a video or sound file instead")


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    printable = sum(byte >= 32 or byte in b"\t\r\n\f" for byte in head)
    return bool(head) and printable == len(head)


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The first real picture track; cover art and timed thumbnails are not video."""
    from av.stream import Disposition

    still = int(Disposition.attached_pic) | int(Disposition.timed_thumbnails)
    for stream in container.streams.video:
        if not int(stream.disposition) & still:
            return stream
    return None


def sound_streams(container: InputContainer) -> tuple[AudioStream, ...]:
    """All sound tracks in the order of the file."""
    return tuple(container.streams.audio)


def media_streams(container: InputContainer) -> tuple[Stream, ...]:
    """The picture track, if any, and all sound tracks."""
    picture = picture_stream(container)
    return (*(() if picture is None else (picture,)), *sound_streams(container))


def zero_s(container: InputContainer) -> Fraction:
    """Time of the file's earliest stream start, in seconds: the 0 of the file's clock.

    Taken from the header, after edit lists and codec priming, so that every reader of the file
    agrees on it without reading all of it.
    """
    starts = [
        stream.start_time * time_base(stream)
        for stream in media_streams(container)
        if stream.start_time is not None
    ]
    return min(starts, default=Fraction(0))


def time_base(stream: Stream) -> Fraction:
    """Seconds per timestamp unit of a stream."""
    return stream.time_base or Fraction(1, 1_000_000)


def only(container: InputContainer, *wanted: Stream) -> None:
    """Tell the demuxer to leave out every other stream."""
    from av.stream import Discard

    keep = {stream.index for stream in wanted}
    for stream in container.streams:
        stream.discard = Discard.default if stream.index in keep else Discard.all


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """Packets of the streams until the file ends, then one empty packet each that flushes.

    A read error is passed over; only an unbroken run of them ends the walk, so a damaged stretch
    in the middle of a recording does not cost what comes after it.
    """
    import av

    errors = 0
    while True:
        try:
            for packet in container.demux(streams):
                errors = 0
                yield packet
        except av.FFmpegError:
            errors += 1
            if errors < _MAX_READ_ERRORS:
                continue
        return
