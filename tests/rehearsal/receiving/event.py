"""The event of SES's Lambda action.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
"""

from datetime import UTC, datetime

from mail import Mail
from receiving.authentication import Results

# https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
VERDICTS = {"pass": "PASS", "fail": "FAIL", "temperror": "PROCESSING_FAILED"}


def lambda_event(mail: Mail, message_id: str, function: str, results: Results) -> dict:
    """`mail.timestamp` is when SES accepted the mail, `receipt.timestamp` when the action ran, both in milliseconds."""
    event = mail.event(message_id)
    receipt = event["Records"][0]["ses"]["receipt"]
    event["Records"][0]["ses"]["mail"]["timestamp"] = timestamp(mail.accepted)
    receipt["timestamp"] = timestamp(datetime.now(UTC))
    receipt["action"]["functionArn"] = function
    for check in ("spf", "dkim", "dmarc"):
        receipt[f"{check}Verdict"] = {"status": VERDICTS.get(getattr(results, check), "GRAY")}
    if results.dmarc == "fail":
        receipt["dmarcPolicy"] = results.dmarc_policy
    return event


def timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
