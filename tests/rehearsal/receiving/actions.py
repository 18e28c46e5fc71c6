"""A rule's actions: to store a mail in a bucket, and to invoke a function.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action.html
"""

import json
from dataclasses import dataclass

from mail import Mail
from receiving.authentication import Results
from receiving.event import lambda_event


@dataclass(frozen=True)
class Accepted:
    """A mail that SES has answered with 250."""

    message_id: str
    mail: Mail
    results: Results


def run(rule: dict, accepted: Accepted, s3, functions) -> None:
    """Runs the actions in order. If one fails, those after it do not run."""
    for action in rule["Actions"]:
        if stored := action.get("S3Action"):
            key = stored.get("ObjectKeyPrefix", "") + accepted.message_id
            s3.put_object(Bucket=stored["BucketName"], Key=key, Body=accepted.mail.raw)
        elif invoked := action.get("LambdaAction"):
            arn = invoked["FunctionArn"]
            event = lambda_event(accepted.mail, accepted.message_id, arn, accepted.results)
            functions.invoke(
                FunctionName=arn, InvocationType=invoked.get("InvocationType", "Event"), Payload=json.dumps(event)
            )
