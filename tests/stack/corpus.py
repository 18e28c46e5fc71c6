"""The mails of tests/mail: each case is a base mail, a few edits, and what must come of it.

tests/mail/README.md explains the format. tests/corpus is the same loader for the Rust tests, which also checks the
shape of every case; test_corpus.py compares the two.
"""

import binascii
import re
import tomllib
from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from mail import Mail

MAILS = Path(__file__).resolve().parents[1] / "mail"
TRUSTS = ("signed", "forwarded", "addressed")


class CorpusError(Exception):
    """A case that cannot be expanded. The message names the file, the case and the edit."""


@dataclass(frozen=True)
class Specimen:
    """One mail of the corpus."""

    name: str
    mailbox: str
    mail: Mail
    expect: dict
    opened_before_sent: timedelta

    @property
    def provider(self) -> str:
        return self.name.partition("/")[0]

    def sent_to(self, tag: str, opened_at: datetime) -> Mail:
        """The mail on its way to the mailbox that holds the tag, as long after the request as it says."""
        return self.mail.to_tag(tag).sent_at(opened_at + self.opened_before_sent)


def specimens(*folders: str) -> Iterator[Specimen]:
    """The cases of the folders, in the order of their names."""
    for folder in folders:
        found = chain.from_iterable(map(specimens_in, (MAILS / "cases" / folder).glob("*.toml")))
        yield from sorted(found, key=lambda specimen: specimen.name)


def specimens_in(file: Path) -> Iterator[Specimen]:
    """The cases of one file, each with the file's defaults."""
    cases = tomllib.loads(file.read_text("utf-8"))
    defaults = cases.pop("defaults", {})
    for name, case in cases.items():
        try:
            yield specimen(f"{file.parent.name}/{name}", defaults | case)
        except (CorpusError, KeyError, OSError) as error:
            raise CorpusError(f"{file}, {name}: {error}") from error


def specimen(name: str, case: dict) -> Specimen:
    raw = base(case["base"])
    for number, edit in enumerate(case.get("edits", []), 1):
        try:
            raw = edited(raw, edit)
        except CorpusError as error:
            raise CorpusError(f"edit {number}: {error}") from error
    return Specimen(
        name=name,
        mailbox=case.get("mailbox", "me@gmail.com"),
        mail=as_stored_by_ses(raw),
        expect=expectation(case["expect"]),
        opened_before_sent=timedelta(seconds=case.get("opened_seconds_before_sent", 10)),
    )


def base(name: str) -> bytes:
    return (MAILS / "base" / f"{name}.eml").read_bytes()


def as_stored_by_ses(raw: bytes) -> Mail:
    """The mail with its envelope and SES's verdicts, as SES's own header block on top states them."""
    return Mail(
        raw=raw,
        recipient=stated(raw, r"^Received: (?:[^\r\n]*\r\n )*for ([^;]+);"),
        envelope_from=stated(raw, r"^Return-Path: <(.*)>\r$"),
        spam=stated(raw, r"^X-SES-Spam-Verdict: (\w+)\r$"),
        virus=stated(raw, r"^X-SES-Virus-Verdict: (\w+)\r$"),
    )


def stated(raw: bytes, pattern: str) -> str:
    """What the first match of the pattern states."""
    if not (found := re.search(pattern.encode(), raw, re.MULTILINE)):
        raise CorpusError(f"SES's header block does not match {pattern}")
    return found[1].decode()


def expectation(expect: str | dict) -> dict:
    """The result under each trust, or the confirmation that is shown."""
    match expect:
        case "no_confirmation":
            return {"confirmation": None}
        case {"link": link}:
            return {"confirmation": {"link": link, "code": expect.get("code")}}
        case str(result):
            return dict.fromkeys(TRUSTS, result)
        case dict() if expect.keys() == set(TRUSTS):
            return expect
    raise CorpusError(f"expect must be a result, one for each of {', '.join(TRUSTS)}, or a confirmation: {expect}")


def edited(raw: bytes, edit: dict) -> bytes:
    """The mail after one edit."""
    match edit:
        case {"set": field, **rest} if not rest:
            start, end = the_field(raw, field.partition(":")[0])
            return raw[:start] + text(field) + b"\r\n" + raw[end:]
        case {"remove": name, **rest} if not rest:
            start, end = the_field(raw, name)
            return raw[:start] + raw[end:]
        case {"insert": fields, "above": name, **rest} if not rest:
            start, _ = the_field(raw, name)
            return raw[:start] + text(fields) + b"\r\n" + raw[start:]
        case {"insert": fields, "below": name, **rest} if not rest:
            _, end = the_field(raw, name)
            return raw[:end] + text(fields) + b"\r\n" + raw[end:]
        case {"replace": old, "with": new, **rest} if not rest.keys() - {"times"}:
            return raw.replace(occurring(raw, old, rest.get("times", 1)), text(new))
        case {"cut_after": last, **rest} if not rest:
            old = occurring(raw, last, 1)
            return raw[: raw.index(old) + len(old)]
        case {"encode": ("base64" | "quoted-printable") as encoding, **rest} if not rest:
            return encoded(raw, encoding)
    raise CorpusError(f"not an edit: {edit}")


def text(written: str) -> bytes:
    """Text of a case as it is in the mail: UTF-8 with CR LF."""
    return written.replace("\n", "\r\n").encode()


def occurring(raw: bytes, written: str, times: int) -> bytes:
    old = text(written)
    found = raw.count(old) if old else 0
    if found != times or not found:
        raise CorpusError(f"occurs {found} times instead of {times}: {written!r}")
    return old


def the_field(raw: bytes, name: str) -> tuple[int, int]:
    """Where the topmost field of that name starts and ends, folded lines included."""
    head = raw[: raw.index(b"\r\n\r\n") + 2]
    if not (found := re.search(rb"^%b:.*\r\n(?:[ \t].*\r\n)*" % re.escape(name.encode()), head, re.MULTILINE)):
        raise CorpusError(f"no field {name}")
    return found.span()


def encoded(raw: bytes, encoding: str) -> bytes:
    """The mail with every 7bit and 8bit part in a transfer encoding, in lines of at most 76 characters."""
    boundaries = b"|".join(map(re.escape, re.findall(rb'boundary="([^"]+)"', raw)))
    end = rb"(?=\r\n--(?:%b))|\Z" % boundaries if boundaries else rb"\Z"
    part = rb"Content-Transfer-Encoding: [78]bit(\r\n(?:.+\r\n)*\r\n)((?s:.*?))(?:%b)" % end

    def encode(found: re.Match[bytes]) -> bytes:
        body = found[2]
        lines = encodebytes(body).replace(b"\n", b"\r\n") if encoding == "base64" else binascii.b2a_qp(body)
        return b"Content-Transfer-Encoding: " + encoding.encode() + found[1] + lines

    raw, parts = re.subn(part, encode, raw)
    if not parts:
        raise CorpusError("no 7bit or 8bit part to encode")
    return raw
