"""Trouble that the suite makes between a function and AWS."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from threading import Event, Lock


class Kind(Enum):
    """How a call goes wrong."""

    REFUSED = "AWS refuses: too busy"
    LOST = "AWS does it, and the answer is lost with the connection"
    UNANSWERED = "AWS never answers"
    HELD = "AWS does it only when the test goes on"
    KILLED_BEFORE = "the function's time is up before AWS does it"
    KILLED_AFTER = "AWS does it, and the function's time is up"


@dataclass
class Fault:
    """One kind of trouble at one operation, from its nth call on, for so many calls."""

    function: str
    operation: str
    kind: Kind
    nth: int = 1
    times: float = float("inf")
    met: int = 0
    struck: Event = field(default_factory=Event)
    lifted: Event = field(default_factory=Event)

    def meets(self, function: str, operation: str) -> bool:
        if (function, operation) != (self.function, self.operation):
            return False
        self.met += 1
        strikes = self.nth <= self.met < self.nth + self.times
        if strikes:
            self.struck.set()
        return strikes


class Faults:
    """The faults in force now. The front asks for every call; several calls come at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.in_force: list[Fault] = []

    def at(self, function: str, operation: str) -> Fault | None:
        with self.lock:
            met = [fault for fault in self.in_force if fault.meets(function, operation)]
        return met[0] if met else None

    @contextmanager
    def cause(self, fault: Fault) -> Iterator[Fault]:
        """Holds the fault in force for the block."""
        with self.lock:
            self.in_force.append(fault)
        try:
            yield fault
        finally:
            with self.lock:
                self.in_force.remove(fault)
            fault.lifted.set()


def for_ever(function: str, step: tuple[str, int], kind: Kind) -> Fault:
    """Trouble that lasts from that call on."""
    return Fault(function, step[0], kind, nth=step[1])


def once(function: str, step: tuple[str, int], kind: Kind) -> Fault:
    """Trouble at that call only."""
    return Fault(function, step[0], kind, nth=step[1], times=1)
