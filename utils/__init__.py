"""Shared module of the course: what two or more chapters need.

Import the part you use (`from utils import data, train`). Importing `utils` itself loads nothing else: it is instant.
"""

from importlib import metadata as _metadata

try:
    __version__ = _metadata.version("convnet-course")
except _metadata.PackageNotFoundError:  # a source tree on sys.path that was never installed
    __version__ = "0+source"
