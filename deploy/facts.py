"""What deploy.sh knows of template.yaml: the regions that receive mail, the limits of each parameter, the version.

template.yaml is the one place for these facts. Python's standard library has no YAML parser, and the arguments must be
checked before anything is installed. So `tests/update` parses the template and writes facts.json, and a test fails
if the two differ. The alternatives are worse: a YAML parser among the tools is there only after an installation, a
facts file written by hand is a second place to edit, and CloudFormation's own check needs an AWS CLI that is signed in.
"""

import json
import re
from pathlib import Path

FACTS = json.loads(Path(__file__).with_name("facts.json").read_text(encoding="utf-8"))
VERSION: str = FACTS["version"]
REGIONS: list = FACTS["regions"]
FUNCTIONS: list = FACTS["functions"]
PARAMETERS: dict = FACTS["parameters"]


def default(parameter: str) -> str:
    return str(PARAMETERS[parameter]["Default"])


def requirement(parameter: str) -> str:
    """What a value of the parameter must be, as the rest of a sentence: "between 60 and 900"."""
    limits = PARAMETERS[parameter]
    if "AllowedValues" in limits:
        return f"one of {', '.join(map(str, limits['AllowedValues']))}"
    if "MinValue" in limits:
        return f"between {limits['MinValue']} and {limits['MaxValue']}"
    return limits["ConstraintDescription"]


def is_allowed(parameter: str, value: str) -> bool:
    """Whether CloudFormation accepts the value. An empty one never counts as given."""
    limits = PARAMETERS[parameter]
    if "AllowedPattern" in limits:
        return bool(value) and re.fullmatch(limits["AllowedPattern"], value) is not None
    allowed = limits.get("AllowedValues") or range(limits["MinValue"], limits["MaxValue"] + 1)
    return value in map(str, allowed)
