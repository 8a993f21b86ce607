"""Customer-insight text analytics: from what customers say to the unit that can act on it."""

__version__ = "0.1.0"
