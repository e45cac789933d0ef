"""Speech by espeak-ng, called through its C interface, with the time of every word.

The synthesiser carries state from one sentence to the next (phase of the voice, flutter), so the
same sentence sounds a little different each time. It is therefore loaded afresh for each
utterance, from a copy of our own so that unloading really drops the state: about 8 ms.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from classwatch.core.errors import ModelError
from classwatch.core.speech import Word
from classwatch.simulate.sound.engine import RawSpeech, Voicing

LANGUAGES = {"zh": "cmn", "en": "en-us"}
"""Languages of a script and what espeak-ng calls them."""

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
"""Without it the library ends the whole process where its data is missing."""
_RATE, _PITCH = 1, 3
_UTF8 = 1
_SEED = 1
_END_OF_LIST, _WORD, _END_OF_CLAUSE = 0, 1, 5
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:['’./:-][A-Za-z0-9]+)*|[^\W_]")
"""A word of an alphabet, a number, or one Chinese character."""
_LOCK = threading.Lock()
"""The library is not re-entrant and its callback is global."""


class _EventId(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("text", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    """``espeak_EVENT`` of ``speak_lib.h``."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A word (or the end of a clause) where the library met it; ``first`` counts from 0."""

    kind: int
    first: int
    length: int
    time_s: float


@dataclass(slots=True)
class _Heard:
    """What the callback has received so far."""

    chunks: list[bytes] = field(default_factory=list)
    marks: list[_Mark] = field(default_factory=list)

    def receive(self, wave: Any, count: int, events: Any) -> int:
        """``t_espeak_callback``: take ``count`` 16-bit samples and the events; 0 goes on."""
        if wave and count > 0:
            self.chunks.append(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != _END_OF_LIST:
            event = events[index]
            if event.type in (_WORD, _END_OF_CLAUSE):
                self.marks.append(
                    _Mark(
                        event.type,
                        event.text_position - 1,
                        event.length,
                        event.audio_position / 1000.0,
                    )
                )
            index += 1
        return 0


class EspeakEngine:
    """``VoiceEngine`` over the espeak-ng library that the package espeakng-loader carries."""

    def __init__(self) -> None:
        library, self._data = _installed()
        self._folder = tempfile.TemporaryDirectory(prefix="classwatch-voice-")
        self._library = Path(self._folder.name) / f"own-{library.name}"
        shutil.copyfile(library, self._library)

    def speak(self, text: str, voicing: Voicing) -> RawSpeech:
        """See ``VoiceEngine.speak``. Word times are those of the engine, to 1 ms."""
        heard = _Heard()
        with _LOCK:
            library = ctypes.CDLL(str(self._library))
            try:
                rate_hz = _initialise(library, self._data)
                _speak(library, self._data, text, voicing, heard)
                library.espeak_Terminate()
            finally:
                _unload(library)
        samples = np.frombuffer(b"".join(heard.chunks), "<i2").astype(np.float32) / 32768.0
        return RawSpeech(samples, rate_hz, _words(text, heard.marks, len(samples) / rate_hz))


def _installed() -> tuple[Path, Path]:
    """Files of the library and of its data."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise ModelError(
            "speech cannot be made, the voice engine is not installed",
            subject="espeak-ng",
            remedy='pip install "classwatch[sim]"',
        ) from error
    library = Path(espeakng_loader.get_library_path())
    data = Path(espeakng_loader.get_data_path())
    if not library.is_file() or not data.is_dir():
        raise ModelError(
            f"the voice engine is incomplete: {library} or {data} is missing",
            subject="espeak-ng",
            remedy='pip install --force-reinstall "espeakng-loader"',
        )
    return library, data


def _initialise(library: ctypes.CDLL, data: Path) -> int:
    rate_hz = int(library.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), _DO_NOT_EXIT))
    if rate_hz <= 0:
        raise ModelError(
            f"the voice engine does not start with its data in {data}",
            subject="espeak-ng",
            remedy="install into a folder with a shorter path, or reinstall espeakng-loader",
        )
    if hasattr(library, "espeak_ng_SetRandSeed"):
        # Breath is noise; otherwise its seed is the time of day.
        library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
    return rate_hz


def _speak(library: ctypes.CDLL, data: Path, text: str, voicing: Voicing, heard: _Heard) -> None:
    callback = _CALLBACK(heard.receive)
    library.espeak_SetSynthCallback(callback)
    name = LANGUAGES.get(voicing.language, voicing.language)
    if voicing.variant:
        name = f"{name}+{voicing.variant}"
    # The library itself passes over an unknown variant in silence.
    known = not voicing.variant or (data / "voices" / "!v" / voicing.variant).is_file()
    if not known or library.espeak_SetVoiceByName(name.encode()) != 0:
        raise ModelError(
            f"no voice {name!r}", subject="espeak-ng", remedy="use a variant such as f3 or m2"
        )
    library.espeak_SetParameter(_RATE, voicing.rate_wpm, 0)
    library.espeak_SetParameter(_PITCH, voicing.pitch, 0)
    encoded = text.encode()
    library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 1, 0, _UTF8, None, None)


def _unload(library: ctypes.CDLL) -> None:
    """Drop the library with all its state; the next ``CDLL`` of the file starts from new."""
    import _ctypes

    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


def _words(text: str, marks: list[_Mark], duration_s: float) -> tuple[Word, ...]:
    """Words from the marks, each lasting up to the next one or to the end of the sound.

    The engine's own lengths are not to be trusted: it marks a number once per spoken part, at
    positions that drift inside the number, stops at an apostrophe, and gives one mark to words
    that its dictionary speaks as one. So a mark inside what the one before it covers is dropped,
    each of the others has the text up to the next, and where that is several words (or Chinese
    characters) they share the time by their length.
    """
    found: list[_Mark] = []
    for mark in marks:
        covered = found[-1].first + found[-1].length if found else 0
        if mark.kind == _WORD and mark.length > 0 and mark.first >= covered:
            found.append(mark)
    last_s = max([m.time_s for m in marks if m.kind == _END_OF_CLAUSE], default=duration_s)
    words: list[Word] = []
    for index, mark in enumerate(found):
        after = found[index + 1] if index + 1 < len(found) else None
        stretch = text[mark.first : len(text) if after is None else after.first]
        words += _shared(stretch, mark.time_s, last_s if after is None else after.time_s)
    return tuple(words)


def _shared(stretch: str, start_s: float, end_s: float) -> list[Word]:
    tokens = _TOKEN.findall(stretch)
    if end_s <= start_s or not tokens:
        return []
    edges = np.cumsum([0, *map(len, tokens)]) / sum(map(len, tokens)) * (end_s - start_s)
    return [
        Word(float(start_s + a), float(start_s + b), token)
        for token, a, b in zip(tokens, edges[:-1], edges[1:], strict=True)
    ]
