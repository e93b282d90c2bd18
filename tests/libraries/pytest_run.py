# requires: pytest
import pathlib

import pytest

folder = pathlib.Path("/tmp/t")
folder.mkdir()
(folder / "conftest.py").write_text("import pytest\n@pytest.fixture\ndef five():\n    return 5\n")
(folder / "test_x.py").write_text(
    "import pytest\n@pytest.mark.parametrize('n', [1, 5])\ndef test_a(five, n, tmp_path, capsys, monkeypatch):\n    assert five == n\n"
    "def test_b():\n    with pytest.raises(ZeroDivisionError):\n        1 / 0\n")
print(pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", "--tb=line", "--durations=0", "--durations-min=99", "-o", "console_output_style=none", "-q", "-q", str(folder)]))
