# requires: robotframework
import pathlib
import subprocess

folder = pathlib.Path("/tmp/robot")
folder.mkdir()
(folder / "a.robot").write_text("""
*** Settings ***
Library    Collections
Library    String
Library    OperatingSystem
*** Test Cases ***
One
    ${list}=    Create List    a    b
    Append To List    ${list}    c
    ${upper}=    Convert To Upper Case    abc
    Should Be Equal    ${upper}    ABC
""")
run = subprocess.run(["robot", "--outputdir", "/tmp/robot/out", "a.robot"], cwd=folder, capture_output=True, text=True)
print(run.returncode, run.stdout, sorted(path.name for path in (folder / "out").iterdir()))
