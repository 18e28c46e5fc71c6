"""The first deployment into an empty account, with the domain in Route 53 and with its DNS elsewhere."""

from account import Account
from logins import log_in, on_this_machine, prestage_url, relay_address
from mail_builder import CODE, MAILBOX
from terminal import Terminal
from world import World


def test_with_a_hosted_zone_one_command_leads_to_a_code(world: World, account: Account, terminal: Terminal) -> None:
    domain = world.new_domain()
    zone = account.create_zone(domain)
    address = f"arlo@{domain}"
    deployed = terminal.deploy("us-east-1", "mfa-relay", address, "--hosted-zone-id", zone, "--enroll", MAILBOX)
    assert f"SES has verified {domain}." in deployed.stdout
    prestage = on_this_machine(prestage_url(deployed.stdout), account)
    mails, tagged = world.mail_servers, relay_address(deployed.stdout)
    found = log_in(prestage, lambda: mails.forward(mails.code_mail(), tagged))
    assert (found["status"], found["code"]) == ("complete", CODE)
    assert terminal.deploy("--check", "us-east-1", "mfa-relay").stdout.endswith("Everything is in order.\n")
    terminal.deploy("--delete", "us-east-1", "mfa-relay")
    assert account.contents("us-east-1") == set()
