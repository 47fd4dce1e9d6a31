"""From the normalised document to the IR."""

from generator.build.document import build

__all__ = ["build"]
