"""Questions to the rehearsal's own name server."""

import dns.exception
import dns.resolver


class Dns:
    """A resolver that asks one name server on the loopback."""

    def __init__(self, port: int):
        self.port = port
        self.resolver = dns.resolver.Resolver(configure=False)
        self.resolver.nameservers, self.resolver.port = ["127.0.0.1"], port

    def ask(self, name: str, kind: str) -> list:
        """The records, or an empty list if there are none."""
        try:
            return list(self.resolver.resolve(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []

    def texts(self, name: str) -> list[str]:
        return [b"".join(record.strings).decode() for record in self.ask(name, "TXT")]

    def mail_exchanger(self, domain: str) -> str | None:
        """The host with the best preference that receives the domain's mail."""
        found = sorted(self.ask(domain, "MX"), key=lambda record: record.preference)
        return str(found[0].exchange).rstrip(".") if found else None

    def for_dkim(self, name: bytes, timeout: int = 5) -> bytes | None:
        """As dkimpy asks for a TXT record."""
        found = self.texts(name.decode())
        return found[0].encode() if found else None

    def for_spf(self, name: str, kind: str, *_: object) -> list[tuple]:
        """As pyspf asks for any record: pairs of name and kind, each with its value."""
        return [((name, kind), for_spf(record, kind)) for record in self.ask(name, kind)]


def for_spf(record, kind: str):
    if kind == "TXT":
        return record.strings
    if kind == "MX":
        return record.preference, str(record.exchange)
    return str(record)
