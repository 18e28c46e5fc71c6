"""deploy/facts.json says what template.yaml says."""

import json

from facts import FILE, facts
from translate import translate


def test_the_facts_are_those_of_the_template():
    assert json.loads(FILE.read_text(encoding="utf-8")) == facts(), f"run tests/update to rewrite {FILE.name}"


def test_the_functions_are_all_that_the_stack_has():
    resources = translate({"RelayAddress": "arlo@mfa.example.com"})["Resources"]
    functions = {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Function"}
    assert set(facts()["functions"]) == functions
