"""The README's pictures: the committed files are what the script draws, and the flow's stages are those of the code."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "_static"


def test_the_pictures_are_what_the_script_draws(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "tools" / "draw_pictures.py"), str(tmp_path)], check=True)
    for drawn in sorted(tmp_path.iterdir()):
        assert (PICTURES / drawn.name).read_bytes() == drawn.read_bytes(), (
            f"{drawn.name} is out of step with the code: run `.venv/bin/python tools/draw_pictures.py`"
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["example.svg", "flow.svg"]


def test_the_picture_of_the_flow_shows_the_stages_of_the_flow() -> None:
    picture = (PICTURES / "flow.svg").read_text()
    shown = re.findall(r'<rect class="stage".*/>\n<text [^>]*>(\w+)</text>', picture)
    labels = re.findall(r'\| "(\w+)" >>', (ROOT / "pipelines" / "flow.py").read_text())
    assert shown == [label for label in labels if label not in ("Tasks", "Reject", "Finish")]
