"""The configuration of every stage: frozen, complete, and checked before anything runs.

Infrastructure (workers, devices, cache folders, time limits) is not configuration: it never
changes a result and lives in ``pipeline.options.RunOptions``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class MediaConfig(_Section):
    """How sound and pictures are read."""

    student_every_s: Annotated[float, Field(ge=0.04, le=60)] = 1.0
    """Sampling step of pictures that show students, in seconds."""
    teacher_every_s: Annotated[float, Field(ge=0.04, le=60)] = 0.5
    """Sampling step of a camera that shows only the teacher, in seconds: finer, for movement."""
    skip: Literal["auto", "none", "nonref", "keyframes"] = "auto"
    """What the decoder may leave out; ``auto`` takes keyframes where they come often enough."""
    chunk_s: Annotated[float, Field(ge=10, le=3600)] = 60.0
    """Length of the pieces that decode workers take; a fixed plan, so results do not depend on
    the number of workers."""
    audio_track: Annotated[int, Field(ge=0, le=64)] | None = None
    """Which sound track to use, counted from 0; empty takes the first that is not silent."""
    align: Literal["auto", "off"] = "auto"
    """Whether streams without an offset in the manifest are put on one clock by their sound."""


class VadConfig(_Section):
    """Voice activity detection (Silero)."""

    threshold: Share = 0.5
    """Speech probability above which a window counts as speech."""
    min_speech_s: Seconds = 0.2
    """Shorter stretches of speech are dropped."""
    min_silence_s: Seconds = 0.3
    """Shorter pauses are closed."""


class TranscribeConfig(_Section):
    """Speech recognition."""

    model: str = "auto"
    """Registry name of the recogniser, ``auto`` for the best one on this machine, or ``none``."""
    language: Literal["auto", "zh", "en"] = "auto"
    """Language of the lesson; ``auto`` finds it, and for each stretch of speech its own."""
    beam_size: Annotated[int, Field(ge=1, le=10)] = 5
    """Beam width of the decoder."""
    batch_size: Annotated[int, Field(ge=1, le=64)] | None = None
    """Stretches of speech recognised together; empty takes as many as free memory allows."""
    precision: Literal["auto", "int8", "float16", "float32"] = "auto"
    """Arithmetic of Whisper; ``auto`` is int8 on a processor and float16 on a GPU."""
    longest_clip_s: Annotated[float, Field(ge=5, le=28)] = 28.0
    """Longest stretch given to the recogniser at once; a stretch has one language."""
    prompt_zh: str = "以下是普通话课堂的录音。同学们好，请坐。谁来回答？"
    """Prompt that makes Whisper write punctuation and simplified characters."""
    prompt_en: str = ""
    """Prompt for what is said in English."""
    subject: str = "auto"
    """Subject whose words are favoured: ``auto`` reads it from the manifest, ``none`` favours
    none, or a name from ``configs/subjects``."""
    hotwords: str = ""
    """Further words to favour, separated by spaces."""
    simplified: bool = True
    """Write recognised Chinese in simplified characters, whatever the recogniser writes."""
    written_numbers: bool = False
    """Let SenseVoice write numbers and marks itself (3.5), instead of words as they were said."""
    max_compression_ratio: Annotated[float, Field(gt=1, le=10)] = 2.4
    """Text that compresses better than this is marked as repeated."""
    max_no_speech: Share = 0.6
    """Segments with a higher no-speech probability are marked as suspect."""


class SpeakersConfig(_Section):
    """Voices and their roles."""

    model: str = "none"
    """Registry name of a network that tells voices apart (task ``speaker``), ``auto`` for the best
    one on this machine, or ``none`` for the built-in method, which needs no download."""
    min_similarity: Annotated[float, Field(gt=0, lt=1)] = 0.4
    """Mean cosine similarity from which two groups of such a network's vectors are one voice."""
    window_s: Annotated[float, Field(ge=0.5, le=5)] = 2.25
    """Length of the pieces of speech that clustering starts from."""
    hop_s: Annotated[float, Field(ge=0.1, le=5)] = 0.75
    """Length of the pieces that get a voice in the end: the resolution of a change of speaker."""
    max_speakers: Annotated[int, Field(ge=1, le=20)] = 8
    """Upper limit on separable voices; a class has more, but they are not told apart."""
    roles: Literal["network", "rule"] = "network"
    """What tells roles: the small network that ships, which judges every turn by its voice, sound,
    neighbours, words and pictures, or the rule that whoever leads the lesson teaches."""
    min_teacher_margin: Share = 0.1
    """Lead in the teacher score below which nobody is called the teacher."""


class PoseConfig(_Section):
    """Body keypoints."""

    model: str = "auto"
    """Registry name of the pose model, ``auto`` for the best one on this machine, or ``none``."""
    input_px: Annotated[int, Field(ge=160, le=1920, multiple_of=32)] = 640
    """Longer side of the picture that the model sees."""
    min_score: Share = 0.25
    """Detections below this score are dropped, except on a seat that was seen taken."""
    seat_score: Share = 0.16
    """Detections below this score are dropped on such a seat too."""
    tiles: Literal["auto", "none"] = "auto"
    """Whether small bodies are looked at again in enlarged crops, chosen for each camera from a
    few pictures; ``none`` looks at whole pictures only."""
    most_cost: Annotated[float, Field(ge=1, le=20)] = 2.5
    """Most that a picture with its crops may cost on average, in whole pictures at ``input_px``."""
    joints: Literal["auto", "none"] = "auto"
    """Whether each body is looked at once more, enlarged, for its box, shoulders, elbows and
    wrists; ``none`` takes the pose model's own."""
    iou: Share = 0.7
    """Overlap above which two boxes are one person (non-maximum suppression)."""
    precision: Literal["auto", "fp32", "bf16", "int8"] = "auto"
    """Arithmetic of the model; ``auto`` is int8 where the model has a file for it and the processor
    an instruction, else bf16 where the processor computes it natively."""
    backend: Literal["auto", "openvino", "onnxruntime", "ultralytics"] = "auto"
    """Library that runs the model; ``auto`` takes the fastest that reads its file here."""


class TrackConfig(_Section):
    """Following bodies from picture to picture."""

    max_gap_s: Seconds = 10.0
    """A body not seen for longer starts a new track."""
    min_iou: Share = 0.1
    """Least overlap that links two boxes."""
    max_speed_heights_per_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    """Fastest movement that still links, in box heights per second."""


class EventsConfig(_Section):
    """Rules that turn keypoints into events."""

    acts: Literal["network", "rules"] = "network"
    """What tells acts: the small networks that ship, or rules about single pictures (which know
    students' hands, standing and heads only, and of the teacher the place)."""
    min_keypoint: Share = 0.35
    """Keypoints below this confidence do not count as seen."""
    min_duration_s: Annotated[float, Field(ge=0, le=60)] = 1.0
    """Shorter events are dropped."""
    join_gap_s: Annotated[float, Field(ge=0, le=60)] = 2.0
    """Interruptions up to this long are closed."""
    stand_ratio: Annotated[float, Field(gt=1, le=3)] = 1.25
    """Box height against the seat's own median above which a student stands."""


class DiscourseConfig(_Section):
    """How words are coded: by the models that ship, or by one that you run."""

    backend: Literal["embedded", "llm"] = "embedded"
    """Who codes the words: ``embedded``, or ``llm``, a server of your own with an
    OpenAI-compatible interface (Ollama, vLLM). What that leaves is coded by the classifier."""
    base_url: str = "http://127.0.0.1:11434/v1"
    """Address of the server; a key is read from the variable ``CLASSWATCH_LLM_KEY`` only. With
    ``--offline`` only this machine is allowed."""
    model: str = ""
    """Name of the model as the server knows it; must be given for ``llm``."""
    batch: Annotated[int, Field(ge=1, le=64)] = 8
    """Utterances asked for together."""
    context: Annotated[int, Field(ge=0, le=10)] = 2
    """Utterances before and after them that are shown as context; with ``batch`` 1 and none of
    these, each utterance is judged quite by itself."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Seed that the server is given, with temperature 0."""
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 60.0
    """Longest wait for one answer."""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    """How often a request is repeated that the server refuses or does not answer."""
    max_requests: Annotated[int, Field(ge=1)] = 1000
    """Most requests for one lesson."""
    max_tokens: Annotated[int, Field(ge=1)] = 2_000_000
    """Most tokens for one lesson, asked and answered."""
    max_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1800.0
    """Longest time for one lesson."""


class SlidesConfig(_Section):
    """Text on a screen's own stream."""

    text: Literal["off", "on"] = "off"
    """Whether the words on slides are read; needs the extra ``classwatch[ocr]``."""


class FloorPoint(_Section):
    """A marked point of the floor, as one camera sees it."""

    stream: str
    """Name of the stream, such as ``teacher_cam``."""
    x: Finite
    """Place in the picture, from its left edge, in picture widths (or pixels, see ``unit``)."""
    y: Finite
    """Place in the picture, from its upper edge, in picture heights (or pixels)."""
    x_m: Finite
    """Place on the floor in metres along the front wall."""
    y_m: Finite
    """Place on the floor in metres away from the front wall."""
    unit: Literal["share", "px"] = "share"
    """What ``x`` and ``y`` count: shares of the picture, or pixels of the recording."""

    @model_validator(mode="after")
    def _near_the_picture(self) -> FloorPoint:
        if self.unit == "share" and not (-1 <= self.x <= 2 and -1 <= self.y <= 2):
            raise ValueError("x and y are shares of the picture; for pixels add unit: px")
        return self


class FloorConfig(_Section):
    """Where the floor is."""

    points: tuple[FloorPoint, ...] = ()
    """Four or more marked points of the floor for a camera; without them the seats give the
    scale, roughly."""


class MetricsConfig(_Section):
    """Definitions with a choice in them; each choice is part of the measure id."""

    st_interval_s: Literal[15, 30] = 30
    """Grid of the S-T analysis; mode limits are only defined at 15 to 30 s."""
    monologue_gap_s: Annotated[float, Field(ge=0, le=30)] = 2.0
    """Pause that does not end a teacher's monologue."""
    wait_max_s: Seconds = 30.0
    """Longer pauses after a question are not wait time."""
    min_voiced_s: Annotated[float, Field(ge=0)] = 20.0
    """Less speech than this in a lesson: talk measures abstain."""
    min_snr_db: Annotated[float, Field(ge=0, le=60)] = 6.0
    """Speech less than this above the noise floor: talk measures abstain."""
    min_role_coverage: Share = 0.6
    """Share of speech that must have a role for talk measures to be given."""
    min_student_px: Annotated[float, Field(ge=0, le=1000)] = 130.0
    """Median height of students in the picture that the pose model saw, below which figures about
    hands and standing abstain, where bodies are not looked at once more. From rendered lessons: a
    straight raised arm is found at 130 px and above, and mostly missed below."""
    min_student_closer_px: Annotated[float, Field(ge=0, le=1000)] = 60.0
    """The same in the recording itself, where every body is looked at once more (``pose.joints``).
    From held-out renders: of raised arms of people of 60 to 130 px 18 of 19 are told, under 60 px
    none was there to be told."""
    min_visible_share: Share = 0.5
    """Share of sampled pictures that must show students for class-level shares."""


class ReportConfig(_Section):
    """The report."""

    language: Literal["zh-CN", "en"] = "zh-CN"
    """Language of the report."""


class Config(_Section):
    """Everything that can change a result."""

    media: MediaConfig = MediaConfig()
    vad: VadConfig = VadConfig()
    transcribe: TranscribeConfig = TranscribeConfig()
    speakers: SpeakersConfig = SpeakersConfig()
    pose: PoseConfig = PoseConfig()
    track: TrackConfig = TrackConfig()
    events: EventsConfig = EventsConfig()
    discourse: DiscourseConfig = DiscourseConfig()
    floor: FloorConfig = FloorConfig()
    slides: SlidesConfig = SlidesConfig()
    metrics: MetricsConfig = MetricsConfig()
    report: ReportConfig = ReportConfig()
