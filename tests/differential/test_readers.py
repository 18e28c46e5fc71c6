"""Where Python's `email` reads another From, To or Date than the relay, the relay refuses the mail.

relay/tests/differential.rs does the same with two other readers of mails.
"""

import json
from collections.abc import Callable
from datetime import MAXYEAR
from email import message_from_bytes
from email.policy import compat32, default
from email.utils import getaddresses, mktime_tz, parsedate_tz
from pathlib import Path

import pytest
from readers import Reading, cargo, read_folder

SEED, COUNT = 467266, 2_000

# `:60` is the last second of its minute to one reader, and the first of the next to another.
LEAP_SECOND = 1


def whole(addresses: list[str]) -> set[str]:
    """Those that have a domain. Python decodes no UTF-8 in a header, and keeps its bytes as surrogates."""
    decoded = (address.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for address in addresses)
    return {address.lower() for address in decoded if "@" in address}


def by_default_policy(raw: bytes) -> Reading:
    message = message_from_bytes(raw, policy=default)

    def fields(name: str) -> list:
        try:
            return message.get_all(name, [])
        except (AttributeError, IndexError, ValueError):
            # Python's parser fails at some encoded words and groups: it reads nothing there.
            return []

    def addresses(name: str) -> set[str]:
        return whole([address.addr_spec for field in fields(name) for address in field.addresses])

    moments = [field.datetime.timestamp() for field in fields("date") if field.datetime]
    return Reading(addresses("from"), addresses("to"), moments[0] if len(moments) == 1 else None)


def by_compat32(raw: bytes) -> Reading:
    message = message_from_bytes(raw, policy=compat32)

    def fields(name: str) -> list[str]:
        return [value for own, value in message.raw_items() if own.lower() == name]

    def addresses(name: str) -> set[str]:
        return whole([address for _, address in getaddresses(fields(name))])

    dates = [date for field in fields("date") if (date := parsedate_tz(field)) and date[0] < MAXYEAR]
    return Reading(addresses("from"), addresses("to"), mktime_tz(dates[0]) if len(dates) == 1 else None)


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of forged mails, the same in each run."""
    folder = tmp_path_factory.mktemp("forged")
    cargo("--package", "corpus", "--", folder, str(SEED), str(COUNT))
    return folder


@pytest.fixture(scope="module")
def accepted(forged: Path) -> dict[str, Reading]:
    """What the relay reads in the forged mails that it accepts."""
    return {path.name: reading for path, (_, reading) in read_folder(forged)[0].items()}


def test_inspect_finds_codes_in_the_same_mails(forged: Path, accepted: dict[str, Reading]) -> None:
    lines = [json.loads(line) for line in cargo("--package", "cli", "--", "inspect", forged).splitlines()]
    assert len(lines) == COUNT
    codes = {Path(line["file"]).name: {line["from"]} for line in lines if line["outcome"] == "code"}
    assert codes == {name: reading.senders for name, reading in accepted.items()}
    assert COUNT / 10 < len(codes) < COUNT


@pytest.mark.parametrize("read", [by_default_policy, by_compat32])
def test_a_forged_mail_is_refused_or_read_alike(
    forged: Path, accepted: dict[str, Reading], read: Callable[[bytes], Reading]
) -> None:
    readings = {name: (own, read((forged / name).read_bytes())) for name, own in accepted.items()}
    assert {name: both for name, both in readings.items() if not agree(*both)} == {}


def agree(own: Reading, other: Reading) -> bool:
    """Whether the other one finds no other address or moment. What the relay does not find, it does not rely on."""
    is_same_moment = None in (own.moment, other.moment) or abs(own.moment - other.moment) <= LEAP_SECOND
    return (
        other.senders <= own.senders and (not own.recipients or other.recipients <= own.recipients) and is_same_moment
    )
