"""EventBridge Scheduler looks for due schedules every second, not every ten: a test waits for the end of a window.

AWS invokes a target within the minute of its time.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from ministack.services import scheduler


def install() -> None:
    scheduler._SCHEDULE_TICK_INTERVAL = 1
