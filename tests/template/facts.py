"""What deploy/facts.json holds: the facts of template.yaml that deploy.sh needs. `tests/update` writes that file."""

import json
import sys

from samtranslator.yaml_helper import yaml_parse

from translate import TEMPLATE

FILE = TEMPLATE.parent / "deploy" / "facts.json"
LIMITS = ("Default", "AllowedPattern", "AllowedValues", "MinValue", "MaxValue", "ConstraintDescription")


def facts() -> dict:
    """The facts, read from the template with the YAML parser that `sam deploy` uses."""
    template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    regions, _ = template["Rules"]["RegionReceivesMail"]["Assertions"][0]["Assert"]["Fn::Contains"]
    resources = template["Resources"].items()
    return {
        "version": template["Metadata"]["mfa-relay"]["Version"],
        "regions": regions,
        "functions": [name for name, resource in resources if resource["Type"] == "AWS::Serverless::Function"],
        "parameters": {
            name: {limit: parameter[limit] for limit in LIMITS if limit in parameter}
            for name, parameter in template["Parameters"].items()
        },
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(facts(), indent=2) + "\n")
    sys.stdout.write(f"{FILE.relative_to(TEMPLATE.parent)}\n")
