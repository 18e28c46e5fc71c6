"""The commands, options, variables and limits that the text of README.md and docs/ names are real."""

import json
import re
from itertools import pairwise
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from accounts import FACTS
from blocks import DOCUMENTS, HELP_TEXTS
from home_edge import MAILBOX
from markdown_it import MarkdownIt

HELP = {path.stem.replace("-", " ").replace("mfa relay", "mfa-relay"): path.read_text() for path in HELP_TEXTS}
PARSER = MarkdownIt("commonmark").enable("table")
TOKENS = [token for path in DOCUMENTS for token in PARSER.parse(path.read_text())]
SPANS = [child.content for token in TOKENS for child in token.children or () if child.type == "code_inline"]


def words_of(help_text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z0-9-]+|MFA_RELAY_[A-Z_]+", help_text))


def beside(cell: str) -> list[str]:
    """The table cells that follow one which begins so."""
    texts = [token.content for token in TOKENS if token.type == "inline"]
    return [following for text, following in pairwise(texts) if text.startswith(cell)]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text.replace(",", ""))]


@pytest.mark.parametrize("span", [span for span in SPANS if span.startswith("mfa-relay ")])
def test_a_command_in_the_text_exists_with_its_options(span):
    words = span.split()
    command = max((name for name in HELP if span.startswith(name)), key=len)
    assert command != "mfa-relay", f"there is no command {words[1]}"
    assert {word for word in words if word.startswith("--")} <= words_of(HELP[command]) | {"--help"}


def test_every_option_and_variable_in_the_text_exists():
    known = set().union(*map(words_of, HELP.values()))
    named = {word for span in SPANS if span.startswith(("--", "MFA_RELAY_")) for word in words_of(span)}
    assert named
    assert named - known == set()


@pytest.mark.parametrize(("option", "parameter"), [("`--window", "WindowSeconds"), ("`--log-days", "LogRetentionDays")])
def test_the_limits_of_an_option_are_those_of_the_template(option, parameter):
    limits = FACTS["parameters"][parameter]
    expected = [limits[name] for name in ("Default", "MinValue", "MaxValue") if name in limits]
    stated = [numbers(text) for text in beside(option)]
    assert stated
    assert all(given == expected for given in stated)


def test_the_largest_body_of_a_prestage_is_the_one_in_the_text(relay):
    prestage_url = relay.enroll("add", MAILBOX)["prestage_url"]
    [stated] = [numbers(text)[0] for text in beside("`too_large`") if "body" in text]
    body = json.dumps({"email": MAILBOX}).encode()
    urlopen(Request(prestage_url, body.ljust(stated)))
    with pytest.raises(HTTPError, match="413") as refused:
        urlopen(Request(prestage_url, body.ljust(stated + 1)))
    assert numbers(json.load(refused.value)["message"]) == [stated]
