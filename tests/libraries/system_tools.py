# requires: psutil distro platformdirs filelock watchdog sh pexpect
import os

import distro
import filelock
import pexpect
import platformdirs
import psutil
import sh
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

print(psutil.Process().pid == os.getpid(), psutil.cpu_count() > 0, distro.id(), platformdirs.user_config_dir("a"))
with filelock.FileLock("/tmp/l"):
    print(filelock.FileLock("/tmp/l", timeout=0).__class__.__name__)
observer = Observer()
observer.schedule(FileSystemEventHandler(), "/tmp")
observer.start()
observer.stop()
observer.join()
print(type(observer).__name__, str(sh.echo("a", "b")).strip(), pexpect.run("echo pexpect"))
