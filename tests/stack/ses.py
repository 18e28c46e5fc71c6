"""SES: it stores a mail in the bucket, then invokes `receive`, and Lambda retries."""

from dataclasses import dataclass

from function_process import FunctionProcess, Invocation
from mail import Mail, new_message_id


@dataclass(frozen=True)
class Delivery:
    """A mail that was stored and announced, with every attempt at it so far."""

    message_id: str
    event: dict
    attempts: tuple[Invocation, ...]

    @property
    def handled(self) -> bool:
        return self.attempts[-1].ok


class Ses:
    """Delivers mails to the relay. `secrets` collects what no log may show."""

    def __init__(self, receive: FunctionProcess, s3, bucket: str, secrets: set[str]):
        self.function = receive
        self.s3 = s3
        self.bucket = bucket
        self.secrets = secrets

    def deliver(self, mail: Mail, attempts: int = 3) -> Delivery:
        """Stores the mail and announces it."""
        message_id = new_message_id()
        self.store(message_id, mail.raw)
        self.secrets |= {mail.recipient, mail.envelope_from} - {""}
        return self.announce(message_id, mail.event(message_id), attempts)

    def store(self, message_id: str, raw: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"inbox/{message_id}", Body=raw)

    def announce(self, message_id: str, event: dict, attempts: int = 3) -> Delivery:
        """Invokes `receive` with the event until it succeeds or the attempts are used up."""
        done: list[Invocation] = []
        while len(done) < attempts and not (done and done[-1].ok):
            done.append(self.function.invoke(event))
        return Delivery(message_id, event, tuple(done))

    def inbox(self) -> set[str]:
        """The ids of the mails that lie in the bucket."""
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="inbox/")
        return {stored["Key"].partition("/")[2] for stored in found.get("Contents", [])}
