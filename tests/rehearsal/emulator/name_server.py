"""The public DNS: the records of every public hosted zone of every account, over UDP.

A domain whose DNS lies elsewhere is a hosted zone of another account.
"""

from collections.abc import Iterator

from dnslib import QTYPE, RCODE, RR
from dnslib.server import BaseResolver, DNSLogger, DNSServer
from ministack.services import route53


def records(name: str, kind: str) -> list[str]:
    """The values of a record as Route 53 stores them, or an empty list."""
    wanted = (name.rstrip(".").lower() + ".", kind)
    return [value for record in everything() if (record["Name"], record["Type"]) == wanted for value in values(record)]


def everything() -> Iterator[dict]:
    for (account, zone), found in list(route53._records._data.items()):
        if not route53._zones.get_scoped(account, None, zone, {}).get("private"):
            yield from found


def values(record: dict) -> list[str]:
    return record.get("ResourceRecords", [])


class Resolver(BaseResolver):
    """Answers with what the zones hold, and with NXDOMAIN for a name that no zone holds (RFC 1035 section 4.1.1)."""

    def resolve(self, request, handler):
        reply = request.reply()
        name, kind = str(request.q.qname).lower(), QTYPE[request.q.qtype]
        for value in records(name, kind):
            reply.add_answer(*RR.fromZone(f"{name} 60 IN {kind} {value}"))
        if not reply.rr and not any(record["Name"] == name for record in everything()):
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


def start(port: int) -> None:
    """Serves until the process ends."""
    DNSServer(Resolver(), address="127.0.0.1", port=port, logger=DNSLogger("error")).start_thread()
