"""A first deployment that fails half-way: what deploy.sh says then, and the way out."""

from account import Account
from stack import Stack


def test_a_failed_deployment_is_deleted_and_the_next_one_succeeds(account: Account, stack: Stack) -> None:
    # Something in the account has the name that the stack needs.
    account.client("scheduler").create_schedule_group(Name=stack.name)
    failed = stack.try_deploy()
    assert failed.code == 1
    assert "Delete what is left of it, then deploy again: ./deploy.sh --delete" in failed.stderr
    assert stack.status == "ROLLBACK_COMPLETE"
    assert f"--delete {stack.region} {stack.name}" in stack.check().stderr
    account.client("scheduler").delete_schedule_group(Name=stack.name)
    refused = stack.try_deploy()
    assert refused.code == 2
    assert f"./deploy.sh --delete {stack.region} {stack.name}" in refused.stderr
    stack.delete()
    stack.paste_records(stack.deploy().stdout)
    assert stack.takes_mail()
