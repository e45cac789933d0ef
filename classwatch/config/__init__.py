"""The configuration of every stage, and how it is loaded."""

from classwatch.config.schema import (
    Config,
    DiscourseConfig,
    EventsConfig,
    MediaConfig,
    MetricsConfig,
    PoseConfig,
    ReportConfig,
    SpeakersConfig,
    TrackConfig,
    TranscribeConfig,
    VadConfig,
)

__all__ = [
    "Config",
    "DiscourseConfig",
    "EventsConfig",
    "MediaConfig",
    "MetricsConfig",
    "PoseConfig",
    "ReportConfig",
    "SpeakersConfig",
    "TrackConfig",
    "TranscribeConfig",
    "VadConfig",
]
