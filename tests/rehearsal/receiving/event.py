"""The event of SES's Lambda action.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
"""

from datetime import UTC, datetime

from mail import Mail
from receiving.authentication import Results

# https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
VERDICTS = {"pass": "PASS", "fail": "FAIL", "temperror": "PROCESSING_FAILED"}


def lambda_event(mail: Mail, message_id: str, function: str, results: Results) -> dict:
    """`mail.timestamp` is when SES accepted the mail, `receipt.timestamp` when the action ran."""
    event = mail.event(message_id)
    receipt = event["Records"][0]["ses"]["receipt"]
    receipt["timestamp"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    receipt["action"]["functionArn"] = function
    for check in ("spf", "dkim", "dmarc"):
        receipt[f"{check}Verdict"] = {"status": VERDICTS.get(getattr(results, check), "GRAY")}
    if results.dmarc == "fail":
        receipt["dmarcPolicy"] = results.dmarc_policy
    return event
