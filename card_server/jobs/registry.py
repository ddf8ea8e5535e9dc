"""What each job does, by its code: subjects with long work enter themselves here at composition."""

from __future__ import annotations

from typing import Final

from card_server.jobs.running import Work

WORKS: Final[dict[str, Work]] = {}
"""A job without a line here cannot be started: its run would wait for ever."""

RESUMABLE: Final[dict[str, str]] = {}
"""Jobs whose runs may go on after they were cancelled or failed, with the right that takes."""
