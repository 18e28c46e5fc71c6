"""The functions' programs: downloaded from the release that the checkout names, verified, and kept for the next run."""

import stat
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from accounts import ARGUMENTS, NEW
from fakes import COMPILER, DENIED, TOOLS
from released import FUNCTIONS, program

WITH_GH = [*TOOLS, "gh"]
SIGNED_IN = {"gh auth status": "", "gh attestation verify": ""}


class Releases:
    """A folder served on a port of the loopback."""

    def __init__(self, folder: Path):
        self.asked: list[str] = []

        class Handler(SimpleHTTPRequestHandler):
            def log_message(handler, *_: object) -> None:
                self.asked.append(handler.path.strip("/"))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.url = "http://{}:{}".format(*self.server.server_address)

    def end(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def releases(tmp_path) -> Iterator[Releases]:
    served = Releases(tmp_path / "releases")
    yield served
    served.end()


def zips(architecture: str = "x86_64") -> list[str]:
    return [f"{function}-{architecture}.zip" for function in FUNCTIONS]


def deployed(fakes_folder: Path) -> dict[str, bytes]:
    """The programs in the folders that template.yaml names."""
    found = (fakes_folder / "checkout" / "target" / "lambda").glob("*/*")
    return {str(path.relative_to(path.parents[1])): path.read_bytes() for path in found}


@pytest.mark.parametrize(("options", "architecture"), [((), "x86_64"), (("--arm64",), "arm64")])
def test_the_programs_of_the_release_are_downloaded_and_unpacked(deploy, releases, tmp_path, options, architecture):
    run = deploy(*ARGUMENTS, *options, answers=NEW, MFA_RELAY_RELEASES=releases.url)
    assert (run.code, run.stderr) == (0, "")
    assert sorted(releases.asked) == sorted(zips(architecture))
    assert deployed(tmp_path) == {f"{name}/bootstrap": program(name, architecture) for name in FUNCTIONS}


def test_the_aws_cli_is_the_only_tool_of_a_deployment(deploy):
    run = deploy(*ARGUMENTS, answers=NEW, tools=["aws"])
    assert (run.code, run.stderr) == (0, "")
    assert {call[0] for call in run.calls} == {"aws"}


def test_a_program_can_be_started_and_has_the_same_time_after_every_run(deploy, tmp_path):
    deploy(*ARGUMENTS, answers=NEW)
    found = (tmp_path / "checkout/target/lambda/receive/bootstrap").stat()
    assert stat.S_IMODE(found.st_mode) == 0o755
    # 1980-01-01, the first day that a zip can name.
    assert found.st_mtime == 315532800


def test_what_else_was_in_the_folder_of_a_program_is_not_deployed(deploy, tmp_path):
    def leave(fakes):
        folder = fakes.checkout / "target" / "lambda" / "receive"
        folder.mkdir(parents=True)
        (folder / "bootstrap.debug").touch()

    deploy(*ARGUMENTS, answers=NEW, change=leave)
    assert [path for path in deployed(tmp_path) if path.startswith("receive/")] == ["receive/bootstrap"]


def keep(content: bytes | None):
    """Puts one file where an earlier run would have kept it: as it is in the release, or with this content."""

    def put(fakes):
        kept = next((fakes.checkout / "deploy").glob("release.json")).parents[1] / "target/releases/v0.1.0"
        kept.mkdir(parents=True)
        right = (fakes.releases / "receive-x86_64.zip").read_bytes()
        (kept / "receive-x86_64.zip").write_bytes(right if content is None else content)

    return put


@pytest.mark.parametrize(("content", "fetched"), [(None, False), (b"half of it", True)])
def test_a_file_with_the_right_checksum_is_not_fetched_again(deploy, releases, content, fetched):
    run = deploy(*ARGUMENTS, answers=NEW, change=keep(content), MFA_RELAY_RELEASES=releases.url)
    assert run.code == 0
    assert ("receive-x86_64.zip" in releases.asked) is fetched


def test_a_file_that_the_checkout_does_not_name_is_refused(deploy, tmp_path):
    run = deploy(*ARGUMENTS, answers=NEW, change=lambda fakes: (fakes.releases / zips()[1]).write_bytes(b"forged"))
    assert f"{zips()[1]} is not the file that this checkout names" in run.stderr
    assert (run.code, run.changes()) == (1, [])
    assert deployed(tmp_path) == {}


def test_a_file_that_cannot_be_downloaded_says_what_to_do(deploy, releases):
    run = deploy(
        *ARGUMENTS,
        answers=NEW,
        change=lambda fakes: (fakes.releases / zips()[0]).unlink(),
        MFA_RELAY_RELEASES=releases.url,
    )
    assert f"{releases.url}/{zips()[0]} cannot be downloaded" in run.stderr
    assert "Run deploy.sh again" in run.stderr
    assert (run.code, run.changes()) == (1, [])


def test_by_default_the_files_are_those_of_the_repository_s_release(deploy):
    run = deploy(
        *ARGUMENTS, "--dry-run", answers=NEW, MFA_RELAY_RELEASES="", MFA_RELAY_REPOSITORY="somebody/their-relay"
    )
    url = "https://github.com/somebody/their-relay/releases/download/v0.1.0/"
    assert [line.strip() for line in run.stdout.splitlines() if url in line] == [f"{url}{name}" for name in zips()]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda fakes: (fakes.checkout / "deploy/release.json").unlink(), "No release has the functions"),
        (lambda fakes: (fakes.checkout / "Cargo.toml").write_text("[workspace] # changed"), "git checkout v0.1.0"),
    ],
    ids=["no release yet", "changed since"],
)
def test_functions_that_were_never_released_must_be_compiled(deploy, change, problem):
    run = deploy(*ARGUMENTS, answers=NEW, change=change)
    assert problem in run.stderr
    assert "add --build" in run.stderr
    assert (run.code, run.calls) == (2, [])


def test_compiled_functions_need_no_release(deploy, releases):
    run = deploy(
        *ARGUMENTS,
        "--build",
        answers=NEW,
        tools=[*TOOLS, *COMPILER],
        change=lambda fakes: (fakes.checkout / "deploy/release.json").unlink(),
        MFA_RELAY_RELEASES=releases.url,
    )
    assert (run.code, releases.asked) == (0, [])


@pytest.mark.parametrize(
    ("tools", "answers", "reason"),
    [
        (TOOLS, {}, "because gh is not installed"),
        (WITH_GH, {"gh auth status": DENIED}, "because gh is not signed in"),
    ],
)
def test_without_gh_it_says_that_nobody_verified_who_compiled_them(deploy, tools, answers, reason):
    run = deploy(*ARGUMENTS, answers=NEW | answers, tools=tools)
    assert run.code == 0
    assert f"Who compiled them was not verified, {reason}" in run.stdout
    assert run.calls_of("gh", "attestation") == []


def test_with_gh_each_file_must_have_been_compiled_by_the_repository_from_the_tag(deploy):
    run = deploy(*ARGUMENTS, answers=NEW | SIGNED_IN, tools=WITH_GH, MFA_RELAY_REPOSITORY="somebody/their-relay")
    assert run.code == 0
    assert "Verified: somebody/their-relay compiled them from v0.1.0" in run.stdout
    calls = run.calls_of("gh", "attestation", "verify")
    assert sorted(Path(call[3]).name for call in calls) == sorted(zips())
    workflow = "somebody/their-relay/.github/workflows/release.yml"
    origin = ["--repo", "somebody/their-relay", "--signer-workflow", workflow, "--source-ref", "refs/tags/v0.1.0"]
    assert all(call[4:] == origin for call in calls)


def test_a_file_without_a_valid_attestation_is_refused(deploy, tmp_path):
    failing = SIGNED_IN | {"gh attestation verify": f"{DENIED}: no attestations found"}
    run = deploy(*ARGUMENTS, answers=NEW | failing, tools=WITH_GH)
    assert "no attestations found" in run.stderr
    assert (run.code, deployed(tmp_path)) == (1, {})
    assert run.calls_of("aws", "cloudformation", "package") == []
