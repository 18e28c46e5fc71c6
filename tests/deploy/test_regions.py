"""README's deployment in every region in which SES receives mail."""

import pytest
from samtranslator.yaml_helper import yaml_parse
from stand_ins import NEW, PROJECT

TEMPLATE = yaml_parse((PROJECT / "template.yaml").read_text())
REGIONS, _ = TEMPLATE["Rules"]["RegionReceivesMail"]["Assertions"][0]["Assert"]["Fn::Contains"]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(("option", "deployments"), [("--dry-run", 0), (None, 1)])
def test_the_documented_deployment_is_accepted(deploy, region, option, deployments):
    options = [option] if option else []
    run = deploy(region, "mfa-relay", "arlo@mfa.example.com", *options, answers=NEW)
    assert (run.code, run.complaints) == (0, "")
    assert len(run.did("sam", "deploy", "--region", region)) == deployments


def test_the_regions_of_the_template_are_known():
    assert len(REGIONS) == 22
    assert "us-east-1" in REGIONS
