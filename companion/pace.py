"""How fast one chat writes, so that a stuck key or a script does not use up what others need. In memory only, like the rest of a chat."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Pace:
    """Remember when the messages of the last minute came."""

    _times: deque[datetime] = field(default_factory=deque, repr=False)

    def note(self, now: datetime) -> int:
        """Note a message and return how many came within the minute that ends now, this one included."""
        while self._times and now - self._times[0] >= _MINUTE:
            self._times.popleft()
        self._times.append(now)
        return len(self._times)
