"""AWS::Budgets::Budget, which MiniStack's CloudFormation lacks; its Budgets service is there.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budget.html
"""

import json

from ministack.services import budgets

from emulator import resource_types


def install() -> None:
    resource_types.register("AWS::Budgets::Budget", create=create, update=update, delete=delete)


def create(logical_id: str, properties: dict, stack: str) -> tuple[str, dict]:
    name = properties["Budget"].get("BudgetName") or resource_types.physical_name(stack, logical_id)
    budget = properties["Budget"] | {"BudgetName": name}
    # CloudFormation takes a number where the service's API takes its digits.
    budget["BudgetLimit"] = {key: str(value) for key, value in budget["BudgetLimit"].items()}
    status, _, answer = budgets._create_budget(properties | {"Budget": budget})
    if status >= 400:
        raise ValueError(json.loads(answer)["message"])
    return name, {}


def update(name: str, old: dict, new: dict, stack: str) -> tuple[str, dict]:
    delete(name, old)
    return create("", new | {"Budget": new["Budget"] | {"BudgetName": name}}, stack)


def delete(name: str, properties: dict) -> None:
    budgets._delete_budget({"BudgetName": name})
