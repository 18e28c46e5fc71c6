"""Faults that a test injects between a function and AWS."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from threading import Event, Lock


class Kind(Enum):
    """What happens to a call."""

    THROTTLED = "AWS rejects it: too many requests"
    RESPONSE_LOST = "AWS does it, and the connection breaks before the response"
    NO_RESPONSE = "AWS never responds"
    HELD = "AWS does it once the test goes on"
    KILLED_BEFORE = "the function is killed before AWS does it"
    KILLED_AFTER = "AWS does it, and the function is killed before the response"


@dataclass
class Fault:
    """One kind of fault at one operation of a function, from its nth call on, for so many calls."""

    function: str
    operation: str
    kind: Kind
    nth: int = 1
    times: float = float("inf")
    matched: int = 0
    triggered: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    def applies(self, function: str, operation: str) -> bool:
        if (function, operation) != (self.function, self.operation):
            return False
        self.matched += 1
        now = self.nth <= self.matched < self.nth + self.times
        if now:
            self.triggered.set()
        return now


class Faults:
    """The faults in force. The proxy asks for every call, and several calls come at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.in_force: list[Fault] = []

    def at(self, function: str, operation: str) -> Fault | None:
        with self.lock:
            applying = [fault for fault in self.in_force if fault.applies(function, operation)]
        return applying[0] if applying else None

    @contextmanager
    def inject(self, *faults: Fault) -> Iterator[Fault]:
        """Holds the faults in force for the block. Yields the first."""
        with self.lock:
            self.in_force.extend(faults)
        try:
            yield faults[0]
        finally:
            with self.lock:
                self.in_force = [fault for fault in self.in_force if fault not in faults]
            for fault in faults:
                fault.released.set()


def always(function: str, operation: str, kind: Kind) -> Fault:
    """A fault at every call of the operation."""
    return Fault(function, operation, kind)


def once(function: str, operation: str, kind: Kind, nth: int = 1) -> Fault:
    """A fault at the nth call of the operation only."""
    return Fault(function, operation, kind, nth=nth, times=1)
