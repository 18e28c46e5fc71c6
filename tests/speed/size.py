"""The size of each function as it is uploaded: a zip of at most 4 MB, because a cold start reads all of it.

cargo lambda build --package functions --release
python tests/speed/size.py
"""

import io
import sys
import zipfile
from pathlib import Path

LAMBDA = Path(__file__).parents[2] / "target" / "lambda"
FUNCTIONS = ["prestage", "receive", "expire", "enroll", "setup"]
LIMIT_MB = 4.0


def zipped_mb(program: Path) -> float:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(program, "bootstrap")
    return len(packed.getvalue()) / 1e6


def main() -> None:
    sizes = {name: zipped_mb(LAMBDA / name / "bootstrap") for name in FUNCTIONS}
    for name, size in sizes.items():
        print(f"{name:10} {size:.2f} MB")
    if max(sizes.values()) > LIMIT_MB:
        sys.exit(f"a zip is larger than {LIMIT_MB} MB: see which dependency grew with `cargo tree --package functions`")


if __name__ == "__main__":
    main()
