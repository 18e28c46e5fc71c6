"""The report on a folder of mails, over the corpus of this project."""

import json
from pathlib import Path

from readers import cargo, read_folder


def test_the_report_on_the_corpus_has_each_code_of_its_cases(tmp_path: Path) -> None:
    cargo("--package", "corpus", "--", tmp_path)
    expected, count = {}, 0
    for facts in tmp_path.glob("*/*.json"):
        result = json.loads(facts.read_text("utf-8"))["expect"].get("addressed", "")
        if result.isdigit():
            expected[facts.with_suffix(".eml")] = result
        facts.unlink()
        count += 1
    codes, report = read_folder(tmp_path)
    assert expected.items() <= {path: code for path, (code, _) in codes.items()}.items()
    summary, slowest = report.rpartition("\n\n")[0], report.rpartition("\n\n")[2]
    assert f"\n{count} mails in " in summary
    assert f"{len(codes):7} code\n" in summary
    assert "crash" not in report
    assert "unreadable" in summary
    assert slowest.startswith("The slowest:\n")
    assert slowest.count(" ms  ") == 10
