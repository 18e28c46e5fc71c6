"""The pause after a flood of mail: what --check says of it, and --resume."""

from accounts import ARGUMENTS, active, healthy, rule

PAUSED = healthy() | active(rule() | {"Enabled": False}, name="mfa-RuleSet")
SCHEDULE = {"aws scheduler get-schedule": {"ScheduleExpression": "at(2026-11-22T20:05:00)"}}


def test_the_check_tells_a_pause_from_a_rule_that_somebody_has_changed(deploy):
    run = deploy("--check", *ARGUMENTS[:2], answers=PAUSED | SCHEDULE)
    assert "a flood of mail has paused it until 2026-11-22T20:05:00 UTC" in run.stdout
    assert "./deploy.sh --resume eu-west-1 mfa" in run.stdout


def test_resume_invokes_setup(deploy):
    run = deploy("--resume", *ARGUMENTS[:2], answers=PAUSED | {"aws lambda invoke": "null"})
    assert (run.code, run.stdout) == (0, "The relay receives mail.\n")
    [call] = run.calls_of("aws", "lambda", "invoke")
    assert call[call.index("--function-name") + 1] == "mfa-Setup"
    assert run.payloads == [{"receiving": "resume"}]
