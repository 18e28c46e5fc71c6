"""Plays logins at a relay that fails meanwhile, and checks after each round that every login got its own code.

python tests/faults/play.py --rounds 1000

A round has three logins at a time, each of a mailbox of its own, and one fault: `kill -9` once or twice at any moment,
a disk that is full for a moment, a name server that fails or is slow, a clock that is seconds or hours wrong for a
moment. A client or a mail server that is refused tries again; a login whose request ends because the clock was hours
wrong starts again. In the end every request must have ended.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

PROJECT = Path(__file__).parents[2]
sys.path.append(str(PROJECT / "tests" / "documents"))

from login import Login, patiently  # noqa: E402, behind the path
from served_relay import ServedRelay  # noqa: E402
from unreliable_dns import UnreliableDns  # noqa: E402

Fault = Callable[[ServedRelay, UnreliableDns, random.Random], None]

LOGINS = 3
# In seconds. A round takes a fraction of it, unless a mail comes while the clock is hours wrong.
WINDOW = 10
# A login takes some 50 ms, so most faults fall into one.
LONGEST_WAIT = 0.06


def kill(relay: ServedRelay, _: UnreliableDns, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 2)):
        sleep(chance.uniform(0, LONGEST_WAIT))
        relay.kill_and_restart()


def fill_disk(relay: ServedRelay, _: UnreliableDns, chance: random.Random) -> None:
    sleep(chance.uniform(0, LONGEST_WAIT))
    relay.allow_disk(False)
    sleep(chance.uniform(0, LONGEST_WAIT))
    if chance.random() < 0.3:
        relay.kill_and_restart()
    relay.allow_disk(True)


def fail_dns(_: ServedRelay, dns: UnreliableDns, chance: random.Random) -> None:
    dns.mode = "failing"
    sleep(chance.uniform(0, 2 * LONGEST_WAIT))
    dns.mode = "right"


def slow_dns(_: ServedRelay, dns: UnreliableDns, chance: random.Random) -> None:
    dns.mode = "slow"
    sleep(chance.uniform(0, LONGEST_WAIT))
    dns.mode = "right"


def adjust_clock(relay: ServedRelay, _: UnreliableDns, chance: random.Random) -> None:
    """A time server corrects the clock by seconds: no login may notice."""
    step_clock(relay, chance.choice([-5, -2, 2, 5]), chance)


def set_clock(relay: ServedRelay, _: UnreliableDns, chance: random.Random) -> None:
    """The clock is hours wrong: the next login gets its code at the latest when the clock is right."""
    step_clock(relay, chance.choice([-7200, 7200]), chance)


def step_clock(relay: ServedRelay, seconds: int, chance: random.Random) -> None:
    sleep(chance.uniform(0, LONGEST_WAIT))
    relay.set_clock(seconds)
    sleep(chance.uniform(0, LONGEST_WAIT))
    relay.set_clock(0)


# How many of a hundred rounds have each. A clock that was hours wrong takes seconds to be noticed.
FAULTS = {kill: 40, fill_disk: 20, fail_dns: 15, slow_dns: 13, adjust_clock: 10, set_clock: 2}


def faults(rounds: int, chance: random.Random) -> Iterator[Fault]:
    """Every fault as often as it is due, in any order."""
    for start in range(0, rounds, 100):
        yield from chance.sample(list(FAULTS), min(100, rounds - start), counts=list(FAULTS.values()))


def play(relay: ServedRelay, dns: UnreliableDns, rounds: int, chance: random.Random) -> list[Login]:
    """Plays the rounds, and returns every login."""
    done: list[Login] = []
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(LOGINS) as pool:
        for number, fault in enumerate(faults(rounds, chance)):
            # Another mailbox for each login: a mailbox takes two codes of the same second for one.
            mailboxes = [f"me{number}-{index}@gmail.com" for index in range(LOGINS)]
            codes = chance.sample(range(100_000, 1_000_000, 100), LOGINS)
            logins = [
                Login(relay, mailbox, relay.enroll(mailbox), code, may_restart=fault is set_clock)
                for mailbox, code in zip(mailboxes, codes, strict=True)
            ]
            running = [pool.submit(login.run) for login in logins]
            fault(relay, dns, chance)
            for login in running:
                login.result()
            counts[fault.__name__] += 1
            done += logins
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return done


def all_end(logins: list[Login]) -> None:
    """Waits for the end of every window: a code is shown no longer, and nobody polls for ever."""
    deadline = monotonic() + WINDOW + 10
    while waiting := [
        login for login in logins if patiently("end", lambda login=login: str(login.has_ended())) != "True"
    ]:
        assert monotonic() < deadline, f"{len(waiting)} requests have not ended"
        logins = waiting
        sleep(0.5)


def build() -> Path:
    subprocess.run(["cargo", "build", "--locked", "--quiet", "--package", "cli"], cwd=PROJECT, check=True)
    return PROJECT / "target" / "debug" / "mfa-relay"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=100, help="how many rounds to play [default: 100]")
    arguments.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="repeats the faults of a run")
    options = arguments.parse_args()
    print(f"{options.rounds} rounds with --seed {options.seed}")
    started = monotonic()
    dns = UnreliableDns({"gmail.com": "v=spf1 ip4:127.0.0.1 -all"})
    # A folder with a short name: the path of a socket has 107 bytes at most.
    with tempfile.TemporaryDirectory() as folder:
        relay = ServedRelay(build(), Path(folder) / "data", dns.address, WINDOW)
        try:
            logins = play(relay, dns, options.rounds, random.Random(options.seed))
            all_end(logins)
            relay.stop()
            damaged = [line for line in relay.log if "quarantined" in line]
            assert not damaged, damaged
        finally:
            relay.process.kill()
    print(f"{len(logins)} logins got their codes, and every request has ended ({monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
