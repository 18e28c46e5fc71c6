"""Plain `sam deploy` with samconfig.toml, and enrolment by the AWS CLI: nothing needs deploy.sh."""

import json
from pathlib import Path

import logins
from mail_builder import CODE, MAILBOX
from stack import Enrolment, Stack


def test_a_stack_that_plain_sam_deploy_made_hands_out_codes(stack: Stack, tmp_path: Path) -> None:
    deployed = stack.sam_deploy()
    assert deployed.code == 0, deployed
    outputs = stack.outputs()
    stack.paste_records("\n".join(outputs.values()))
    answer = tmp_path / "answer.json"
    event = json.dumps({"action": "add", "mailbox": MAILBOX})
    target = ("--region", stack.region, "--function-name", outputs["EnrollFunctionName"])
    payload = ("--cli-binary-format", "raw-in-base64-out", "--payload", event)
    invoked = stack.terminal.run("aws", "lambda", "invoke", *target, *payload, str(answer))
    assert invoked.code == 0, invoked
    enrolled = json.loads(answer.read_text())
    prestage = logins.on_this_machine(enrolled["prestage_url"], stack.account)
    status = stack.log_in(Enrolment(prestage, enrolled["relay_address"]))
    assert (status["status"], status["code"]) == ("complete", CODE)
