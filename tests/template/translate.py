"""template.yaml as the plain CloudFormation that AWS makes of it, translated here and without a network."""

from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


def translate(parameters: dict) -> dict:
    """
    The CloudFormation template for these parameters.

    Every intrinsic function stays in it, in its long form: `{"Ref": "Table"}`, `{"Fn::GetAtt": ["Table", "Arn"]}`.
    """
    template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` puts the uploaded zip in place of the folder; the translator accepts nothing else.
            resource["Properties"]["CodeUri"] = "s3://artifacts/" + resource["Properties"]["CodeUri"]
    # The translator wants a region, though nothing in this template follows from it.
    session = boto3.Session(region_name="us-east-1")
    return Translator({}, Parser(), boto_session=session).translate(template, parameters)
