#!/usr/bin/env bash
# Deploys the relay into an AWS account, checks it and deletes it: ./deploy.sh --help. The code is in deploy/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python3.10 python3.9; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2> /dev/null; then
    exec "$python" -m deploy "$@"
  fi
done
echo "Python 3.9 or newer is needed: install it, or name it in PYTHON." >&2
exit 2
