"""The code blocks of the documents, found by a Markdown parser, and the examples of the help texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

PROJECT = Path(__file__).parents[2]
DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
HELP_TEXTS = [PROJECT / "tests" / "deploy" / "help.txt", *sorted((PROJECT / "cli" / "tests" / "help").glob("*.txt"))]


@dataclass(frozen=True)
class Block:
    """A fenced code block, or an example of a help text."""

    file: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.text.splitlines()[0]}"


def fenced(markdown: str, file: str) -> list[Block]:
    """The fenced blocks of a document, also those in lists and quotations."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [
        Block(file, token.map[0] + 1, token.info.partition(" ")[0], token.content)
        for token in tokens
        if token.type == "fence"
    ]


def examples(help_text: str, file: str) -> Iterator[Block]:
    """The examples of a help text: what is indented under "Example:" or "Examples:", a command on each line.

    A line that sets a variable belongs to the command on the next line.
    """
    under, command = False, ""
    for number, line in enumerate(help_text.splitlines(), 1):
        if line.lower() in ("example:", "examples:"):
            under = True
        elif under and line.startswith("  "):
            command += f"{line.strip()}\n"
            if not line.strip().startswith("export "):
                yield Block(file, number, "sh", command)
                command = ""
        else:
            under = False


def all_blocks() -> list[Block]:
    found = [block for path in DOCUMENTS for block in fenced(path.read_text(), str(path.relative_to(PROJECT)))]
    for path in HELP_TEXTS:
        found += examples(path.read_text(), str(path.relative_to(PROJECT)))
    return found
