"""EventBridge Scheduler: it invokes a schedule's target when its time comes, and retries."""

import json

from aws_proxy import AwsProxy
from client import Request
from function_process import FunctionProcess, Invocation
from moto_server import Moto
from permissions import Permission
from stack_template import Stack


class Scheduler:
    """Reads the stack's schedules and fires them. moto's own Scheduler never fires."""

    def __init__(self, stack: Stack, moto: Moto, client, proxy: AwsProxy, functions: dict[str, FunctionProcess]):
        self.stack = stack
        self.moto = moto
        self.client = client
        self.proxy = proxy
        self.functions = functions

    def schedule_of(self, request: Request) -> dict:
        return self.schedule(*request.schedule.split("/"))

    def schedule(self, group: str, name: str) -> dict:
        with self.moto.without_iam():
            return self.client.get_schedule(GroupName=group, Name=name)

    def fire(self, request: Request) -> Invocation:
        """The request's window ends."""
        return self.run(self.schedule_of(request))

    def run(self, schedule: dict) -> Invocation:
        """Invokes the schedule's target with its input, and once more if that fails."""
        target = schedule["Target"]
        role = target["RoleArn"].rpartition("/")[2]
        needed = Permission("lambda:InvokeFunction", target["Arn"])
        assert any(grant.covers(needed) for grant in self.stack.grants(role)), "the schedule's role may not"
        self.proxy.record.used.append(("schedule", needed))
        (name,) = (name for name, function in self.stack.functions.items() if function.arn == target["Arn"])
        first = self.functions[name].invoke(json.loads(target["Input"]))
        return first if first.ok else self.functions[name].invoke(json.loads(target["Input"]))
