# requires: newrelic
"""A launcher that starts its argument with a folder of its own on the search path."""
import os
import subprocess

os.environ.update(NEW_RELIC_LICENSE_KEY="0" * 40, NEW_RELIC_MONITOR_MODE="false", NEW_RELIC_LOG="/dev/null")
code = "import sys; print(sorted(name for name in sys.modules if name.startswith('newrelic'))[:40])"
print(subprocess.run(["newrelic-admin", "run-program", "python3", "-c", code], capture_output=True, text=True).stdout)
