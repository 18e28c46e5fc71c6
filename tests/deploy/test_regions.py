"""README's deployment in every region that receives mail, and the names that deploy.sh shares with the template."""

import pytest
from accounts import NEW, outputs
from fakes import PROJECT
from samtranslator.yaml_helper import yaml_parse
from test_deploy import parameters

TEMPLATE = yaml_parse((PROJECT / "template.yaml").read_text())
REGIONS, _ = TEMPLATE["Rules"]["RegionReceivesMail"]["Assertions"][0]["Assert"]["Fn::Contains"]


@pytest.mark.parametrize("region", REGIONS)
def test_the_documented_deployment_is_accepted(deploy, region):
    run = deploy(region, "mfa-relay", "arlo@mfa.example.com", "--dry-run", answers=NEW)
    assert (run.code, run.stderr) == (0, "")
    assert run.calls_of("aws", "cloudformation", "deploy") == []


@pytest.mark.parametrize("region", [REGIONS[0], REGIONS[-1]])
def test_the_documented_deployment_deploys(deploy, region):
    run = deploy(region, "mfa-relay", "arlo@mfa.example.com", answers=NEW)
    assert (run.code, run.stderr) == (0, "")
    assert len(run.calls_of("aws", "cloudformation", "deploy", "--region", region)) == 1


def test_every_parameter_that_is_passed_is_one_of_the_template(deploy):
    options = ("--owner-email", "me@example.com", "--window", "120", "--log-days", "30")
    run = deploy("us-east-1", "mfa-relay", "arlo@mfa.example.com", *options, answers=NEW)
    assert parameters(run).keys() <= TEMPLATE["Parameters"].keys()


def test_every_output_and_resource_that_is_read_is_one_of_the_template(deploy):
    assert outputs().keys() <= TEMPLATE["Outputs"].keys()
    run = deploy("us-east-1", "mfa-relay", "arlo@mfa.example.com", answers=NEW)
    asked = {call[call.index("--logical-resource-id") + 1] for call in run.calls if "--logical-resource-id" in call}
    assert asked
    assert asked <= TEMPLATE["Resources"].keys()
