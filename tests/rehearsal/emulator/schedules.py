"""EventBridge Scheduler: due schedules are found within a second, and a schedule group's name is taken only once.

MiniStack looks for due schedules every ten seconds, and its CloudFormation takes over a group that exists. AWS invokes
a target within the minute of its time, and refuses the second group (ConflictException).
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
"""

from ministack.services import scheduler

from emulator import resource_types

KIND = "AWS::Scheduler::ScheduleGroup"


def install() -> None:
    scheduler._SCHEDULE_TICK_INTERVAL = 1
    own = resource_types.handlers(KIND)

    def create(logical_id: str, properties: dict, stack: str) -> tuple[str, dict]:
        if properties.get("Name") in scheduler._schedule_groups:
            raise ValueError(f"Schedule group {properties['Name']} already exists.")
        return own["create"](logical_id, properties, stack)

    resource_types.register(KIND, create=create)
