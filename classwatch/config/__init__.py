"""The configuration of every stage, and how it is loaded."""

from classwatch.config.schema import (
    Config,
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
