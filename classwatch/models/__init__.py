"""Model registry: names to verified local files."""

from classwatch.models.entries import Entry, FileEntry, ModelFile, Source
from classwatch.models.registry import Registry

__all__ = ["Entry", "FileEntry", "ModelFile", "Registry", "Source"]
