"""What a build shows while it runs."""

from pathlib import Path

from xlnet_data.cli.progress import read_further
from xlnet_data.pipelines.local.status import LocalProgress
from xlnet_data.pipelines.progress import BuildCounts


def test_the_counts_of_a_build_never_fall_even_when_their_files_are_gone(tmp_path: Path) -> None:
    LocalProgress(str(tmp_path), str(tmp_path / "left-out"), "run").add(input_bytes=70, documents_read=3)
    counts = read_further(str(tmp_path), BuildCounts())
    assert (counts.input_bytes, counts.documents_read) == (70, 3)
    for path in tmp_path.iterdir():
        path.unlink()
    assert read_further(str(tmp_path), counts) == counts
    assert read_further(str(tmp_path / "absent"), counts) == counts
