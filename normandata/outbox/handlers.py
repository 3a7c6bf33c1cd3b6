"""Registers the handlers of the room itself."""

from . import mail

__all__ = ["mail"]
