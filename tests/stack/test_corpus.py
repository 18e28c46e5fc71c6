"""The corpus has two loaders, this one and the Rust crate of tests/corpus: both expand every case alike."""

import json
import subprocess
from pathlib import Path

import pytest

from corpus import MAILS, CorpusError, Specimen, base, edited, specimens, specimens_in

ROOT = MAILS.parents[1]
BASE = base("2026-05-alternative")
DATE = "Date: Sat, 21 Nov 2026 20:01:10 +0000\r\n"


@pytest.fixture(scope="module")
def expanded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the Rust loader has written every case."""
    folder = tmp_path_factory.mktemp("corpus")
    subprocess.run(["cargo", "run", "--quiet", "--locked", "--package", "corpus", "--", folder], cwd=ROOT, check=True)
    return folder


def facts(specimen: Specimen) -> dict:
    return {
        "mailbox": specimen.mailbox,
        "recipient": specimen.mail.recipient,
        "envelope_from": specimen.mail.envelope_from,
        "spam": specimen.mail.spam,
        "virus": specimen.mail.virus,
        "opened_seconds_before_sent": specimen.opened_before_sent.total_seconds(),
        "expect": specimen.expect,
    }


def test_both_loaders_expand_every_case_alike(expanded: Path) -> None:
    providers = [folder.name for folder in (MAILS / "cases").iterdir()]
    ours = {specimen.name: specimen for specimen in specimens(*providers)}
    theirs = {f"{mail.parent.name}/{mail.stem}": mail for mail in expanded.glob("*/*.eml")}
    assert len(ours) > 100
    assert ours.keys() == theirs.keys()
    for name, specimen in ours.items():
        assert specimen.mail.raw == theirs[name].read_bytes(), name
        assert facts(specimen).items() <= json.loads(theirs[name].with_suffix(".json").read_text("utf-8")).items(), name


def test_every_base_has_a_case() -> None:
    cases = "".join(file.read_text("utf-8") for file in (MAILS / "cases").glob("*/*.toml"))
    unused = [mail.name for mail in (MAILS / "base").iterdir() if f'base = "{mail.stem}"' not in cases]
    assert unused == []


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        ({"set": "Date: today"}, DATE, "Date: today\r\n"),
        ({"remove": "Date"}, DATE, ""),
        ({"insert": "X: y", "above": "Date"}, DATE, f"X: y\r\n{DATE}"),
        ({"insert": "X: y", "below": "Date"}, DATE, f"{DATE}X: y\r\n"),
        ({"replace": "467266", "with": "482913", "times": 2}, "467266", "482913"),
    ],
)
def test_an_edit_changes_what_it_names_and_nothing_else(edit: dict, old: str, new: str) -> None:
    assert edited(BASE, edit) == BASE.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"set": "Reply-To: x"}, "no field Reply-To"),
        ({"remove": "Content-Transfer-Encoding"}, "no field"),  # only the parts have it
        ({"insert": "X: y", "above": "Reply-To"}, "no field Reply-To"),
        ({"replace": "467266", "with": "x"}, "occurs 2 times instead of 1: '467266'"),
        ({"replace": "999999", "with": "x", "times": 0}, "occurs 0 times instead of 0: '999999'"),
        ({"replace": "", "with": "x"}, "occurs 0 times instead of 1: ''"),
        ({"cut_after": "999999"}, "occurs 0 times instead of 1: '999999'"),
        ({"set": "Date: x", "remove": "From"}, "not an edit"),
        ({"replace": "x"}, "not an edit"),
        ({"encode": "rot13"}, "not an edit"),
    ],
)
def test_an_edit_that_does_not_apply_is_an_error(edit: dict, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        edited(BASE, edit)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_part_ends_before_the_next_boundary_of_any_multipart(encoding: str) -> None:
    outer, inner = (b'Content-Type: multipart/mixed; boundary="%b"\r\n\r\n' % name for name in (b"out", b"in"))
    head = outer + b"--out\r\n" + inner
    parts = b"--in\r\nContent-Transfer-Encoding: 8bit\r\n\r\n=\r\n--in--\r\n--out--\r\n"
    mail = edited(head + parts, {"encode": encoding})
    body = b"PQ==\r\n" if encoding == "base64" else b"=3D"
    assert mail == head + parts.replace(b"8bit\r\n\r\n=", f"{encoding}\r\n\r\n".encode() + body)


def test_an_error_names_the_file_the_case_and_the_edit(tmp_path: Path) -> None:
    file = tmp_path / "dates.toml"
    file.write_text("[late]\nabout = ''\nbase = '2026-05-alternative'\nedits = [{ remove = 'X' }]\nexpect = 'stale'\n")
    with pytest.raises(CorpusError, match=r"dates\.toml, late: edit 1: no field X"):
        list(specimens_in(file))
