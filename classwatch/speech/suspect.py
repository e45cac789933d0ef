"""Text that was probably never said: marked with the reason, never deleted, never counted.

Recognisers invent sentences in silence and repeat themselves. Every rule here looks at one
segment and answers with a code, "" for nothing found; the first rule that fires names the doubt.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from classwatch.config.schema import TranscribeConfig
from classwatch.core.errors import DataError
from classwatch.core.resources import resource_dir
from classwatch.core.speech import Origin, Segment, SpeechActivity, Transcript
from classwatch.core.time import Intervals, intersect, intervals, normalise, total_s
from classwatch.speech.recognisers.port import Hint

NO_SPEECH = "no_speech"
"""The recogniser itself held that nobody spoke (set while transcribing), or it is no louder there
than where nobody speaks."""
OUTSIDE_SPEECH = "outside_speech"
COMPRESSION = "compression"
REPETITION = "repetition"
CREDITS = "credits"
PROMPT = "prompt"
RATE = "rate"

_LEAST_INSIDE = 0.25
_TOLERANCE_S = 0.25
"""Recognised word times are off by about this much."""
_MOST_CHARACTERS_PER_S = 14.0
_MOST_WORDS_PER_S = 9.0
_LEAST_RISE_DB = 3.0
"""Steady noise varies by 2 dB from one tenth of a second to the next."""
_LEAST_UNITS = 4
_MOST_REPEATS = {1: 8, 2: 5, 3: 4, 4: 4, 5: 4, 6: 4, 7: 4, 8: 4}
_SAME_SEGMENTS = 5
_SAME_UNITS = 6
_LEAST_PROMPT = 8
_LEAST_HOTWORDS = 16
"""Characters; a teacher too says some of the favoured words in the order of the list."""

_HAN = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿]")
_UNIT = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿]|[^\W_぀-ヿ㐀-䶿一-鿿豈-﫿]+")


def mark_suspects(
    transcript: Transcript,
    activity: SpeechActivity,
    cfg: TranscribeConfig,
    hints: tuple[Hint, ...] = (),
) -> Transcript:
    """The same transcript with ``Segment.suspect`` set where the text is doubted.

    ``hints`` are what the recogniser was given beforehand and may repeat.

    A reason that is already there stays. In a transcript supplied by people only known credit
    phrases are marked: subtitle files carry them, and a person may hear what a detector does not.
    """
    if transcript.origin is Origin.PREDICTED:
        near_speech = _widened(activity.speech)
        rules: list[Callable[[Segment], str]] = [
            credits_of,
            partial(_prompt, prompts=_given(cfg, hints), hotwords=_favoured(hints)),
            partial(_outside, speech=near_speech),
            partial(_not_louder, activity=activity),
            lambda segment: loop_in(segment.text, cfg),
            _rate,
        ]
    else:
        rules = [credits_of]
    marked = [_first_reason(segment, rules) for segment in transcript.segments]
    if transcript.origin is Origin.PREDICTED:
        marked = _mark_loops(marked)
    return replace(transcript, segments=tuple(marked))


def loop_in(text: str, cfg: TranscribeConfig) -> str:
    """Code where a recogniser looped in a text; ask before cutting it into sentences."""
    if compression_ratio(text) > cfg.max_compression_ratio:
        return COMPRESSION
    return _repetition(text)


def _first_reason(segment: Segment, rules: list[Callable[[Segment], str]]) -> Segment:
    if segment.suspect:
        return segment
    for rule in rules:
        reason = rule(segment)
        if reason:
            return replace(segment, suspect=reason)
    return segment


def plain(text: str) -> str:
    """Letters and digits only, in lower case, full-width forms folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())


def spoken_units(text: str) -> list[str]:
    """Units that take time to say: every Han or kana character, every word of other scripts."""
    return _UNIT.findall(unicodedata.normalize("NFKC", text).casefold())


def credits_of(segment: Segment) -> str:
    """Code where the text is a known credit or call of the videos recognisers learn from."""
    phrases = _phrases()
    text = plain(segment.text)
    if text in phrases.whole or any(p in text for p in phrases.anywhere):
        return CREDITS
    return ""


def compression_ratio(text: str) -> float:
    """Bytes over deflated bytes, as Whisper computes it (Radford et al. 2022, section 4.5)."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw))


def longest_repeat(units: list[str], length: int) -> int:
    """How often some ``length``-gram follows itself at most; 1 where nothing repeats."""
    best = run = 1
    matched = 0
    for i in range(length, len(units)):
        matched = matched + 1 if units[i] == units[i - length] else 0
        run = 1 + matched // length
        best = max(best, run)
    return best


def _given(cfg: TranscribeConfig, hints: tuple[Hint, ...]) -> tuple[str, ...]:
    return tuple(map(plain, (cfg.prompt_zh, cfg.prompt_en, *(h.prompt for h in hints))))


def _favoured(hints: tuple[Hint, ...]) -> tuple[str, ...]:
    return tuple(plain(h.hotwords) for h in hints)


def _prompt(segment: Segment, prompts: tuple[str, ...], hotwords: tuple[str, ...]) -> str:
    text = plain(segment.text)
    repeated = len(text) >= _LEAST_PROMPT and any(text in one for one in prompts)
    listed = len(text) >= _LEAST_HOTWORDS and any(text in one for one in hotwords)
    return PROMPT if repeated or listed else ""


def _outside(segment: Segment, speech: Intervals) -> str:
    spans = [(w.start_s, w.end_s) for w in segment.words if w.end_s > w.start_s]
    said = normalise(intervals(spans or [(segment.start_s, segment.end_s)]))
    length_s = total_s(said)
    if length_s <= 0:
        return OUTSIDE_SPEECH
    return OUTSIDE_SPEECH if total_s(intersect(said, speech)) < _LEAST_INSIDE * length_s else ""


def _not_louder(segment: Segment, activity: SpeechActivity) -> str:
    """Code where even the louder quarter of a segment hardly rises above the noise floor."""
    first = int(segment.start_s / activity.level_step_s)
    last = max(first + 1, int(np.ceil(segment.end_s / activity.level_step_s)))
    levels = activity.level_db[first:last]
    if not len(levels) or not np.isfinite(activity.noise_db):
        return ""
    louder_db = float(np.percentile(levels, 75)) - activity.noise_db
    return NO_SPEECH if louder_db < _LEAST_RISE_DB else ""


def _repetition(text: str) -> str:
    units = spoken_units(text)
    for length, most in _MOST_REPEATS.items():
        if longest_repeat(units, length) >= most:
            return REPETITION
    return ""


def _rate(segment: Segment) -> str:
    units = spoken_units(segment.text)
    if len(units) < _LEAST_UNITS:
        return ""
    seconds = max(segment.end_s - segment.start_s, 1e-3)
    han = sum(1 for u in units if _HAN.match(u))
    # A mixed sentence may take the sum of what its parts need at their fastest.
    needed_s = han / _MOST_CHARACTERS_PER_S + (len(units) - han) / _MOST_WORDS_PER_S
    return RATE if seconds < needed_s else ""


def _mark_loops(segments: list[Segment]) -> list[Segment]:
    """Marks runs of at least five segments in a row that say the same long sentence."""
    marked = list(segments)
    first = 0
    for i in range(1, len(segments) + 1):
        same = i < len(segments) and plain(segments[i].text) == plain(segments[first].text)
        if same:
            continue
        if i - first >= _SAME_SEGMENTS and len(spoken_units(segments[first].text)) >= _SAME_UNITS:
            for k in range(first, i):
                if not marked[k].suspect:
                    marked[k] = replace(marked[k], suspect=REPETITION)
        first = i
    return marked


def _widened(speech: Intervals) -> Intervals:
    return normalise(speech + np.array([-_TOLERANCE_S, _TOLERANCE_S]))


@dataclass(frozen=True, slots=True)
class _Phrases:
    anywhere: tuple[str, ...]
    whole: frozenset[str]


@lru_cache(maxsize=1)
def _phrases() -> _Phrases:
    import yaml

    path = resource_dir("configs") / "lexicons" / "suspect_phrases.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        anywhere = tuple(plain(str(p)) for p in data["anywhere"])
        whole = frozenset(plain(str(p)) for p in data["whole"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise DataError(
            f"the list of suspect phrases cannot be read: {error}",
            subject=str(path),
            remedy="reinstall classwatch",
        ) from error
    return _Phrases(tuple(p for p in anywhere if p), frozenset(p for p in whole if p))
