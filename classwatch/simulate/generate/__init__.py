"""Scripts from a profile and a seed."""

from classwatch.simulate.generate.config import GeneratorConfig, default_cameras
from classwatch.simulate.generate.lesson import generate

__all__ = ["GeneratorConfig", "default_cameras", "generate"]
