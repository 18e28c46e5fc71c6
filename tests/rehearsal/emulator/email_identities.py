"""A domain in SES: its DKIM records, and that it is verified as long as the DNS has them.

MiniStack calls every domain verified, and CloudFormation's attributes are missing there.
https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ses-emailidentity.html
"""

from ministack.services import ses, ses_v2

from emulator import name_server, resource_types

KIND = "AWS::SES::EmailIdentity"
# Of the regions that are rehearsed; some have another one.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimAttributes.html
HOSTED_ZONE = "dkim.amazonses.com"


def install() -> None:
    own = resource_types.handlers(KIND)

    def create(logical_id: str, properties: dict, stack: str) -> tuple[str, dict]:
        if properties["EmailIdentity"] in ses_v2._identities:
            raise ValueError(f"Email identity {properties['EmailIdentity']} already exist.")
        identity, found = own["create"](logical_id, properties, stack)
        return identity, found | attributes(identity)

    def update(identity: str, old: dict, new: dict, stack: str, logical_id: str | None = None) -> tuple[str, dict]:
        identity, found = own["update"](identity, old, new, stack, logical_id)
        return identity, found | attributes(identity)

    resource_types.register(KIND, create=create, update=update)
    answer = ses_v2.handle_request

    async def answer_from_dns(*request: object) -> tuple:
        for domain, identity in ses_v2._identities.items():
            refresh(domain, identity)
        return await answer(*request)

    ses_v2.handle_request = answer_from_dns


def cnames(domain: str) -> dict[str, str]:
    """The three records that show SES that the domain is its owner's: name and value."""
    return {f"{token}._domainkey.{domain}": f"{token}.{HOSTED_ZONE}" for token in ses._dkim_tokens(domain)}


def attributes(domain: str) -> dict[str, str]:
    found = {}
    for number, (name, value) in enumerate(cnames(domain).items(), 1):
        found |= {f"DkimDNSTokenName{number}": name, f"DkimDNSTokenValue{number}": value}
    return found


def is_verified(domain: str) -> bool:
    return all(
        [target.rstrip(".") for target in name_server.records(name, "CNAME")] == [value]
        for name, value in cnames(domain).items()
    )


def refresh(domain: str, identity: dict) -> None:
    verified = is_verified(domain)
    identity["VerifiedForSendingStatus"] = verified
    identity["DkimAttributes"] = {
        "SigningEnabled": True,
        "SigningAttributesOrigin": "AWS_SES",
        "SigningHostedZone": HOSTED_ZONE,
        "Status": "SUCCESS" if verified else "PENDING",
        "Tokens": ses._dkim_tokens(domain),
    }
