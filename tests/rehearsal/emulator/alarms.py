"""AWS::CloudWatch::Alarm over an expression of metrics, which MiniStack's CloudFormation refuses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
"""

from emulator import resource_types

KIND = "AWS::CloudWatch::Alarm"


def install() -> None:
    own = resource_types.handlers(KIND)
    resource_types.register(
        KIND,
        create=lambda logical_id, properties, stack: own["create"](logical_id, single(properties), stack),
        update=lambda name, old, new, *rest: own["update"](name, single(old), single(new), *rest),
    )


def single(properties: dict) -> dict:
    """The alarm over the first metric of the expression instead: it exists, with its name and its actions."""
    metrics = [metric["MetricStat"] for metric in properties.get("Metrics", []) if "MetricStat" in metric]
    if not metrics:
        return properties
    watched = metrics[0]
    rest = {key: value for key, value in properties.items() if key != "Metrics"}
    return rest | watched["Metric"] | {"Period": watched["Period"], "Statistic": watched["Stat"]}
