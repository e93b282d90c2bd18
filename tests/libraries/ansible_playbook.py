# requires: ansible-core
import os
import pathlib
import subprocess

folder = pathlib.Path("/tmp/play")
folder.mkdir()
(folder / "play.yml").write_text("""
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - copy: {content: "hello {{ 1 + 2 }}\\n", dest: /tmp/play/out.txt}
    - command: cat /tmp/play/out.txt
      register: seen
      changed_when: false
    - debug: {msg: "{{ seen.stdout | upper | b64encode }}"}
    - file: {path: /tmp/play/dir, state: directory, mode: "0755"}
    - lineinfile: {path: /tmp/play/out.txt, line: second}
""")
env = {**os.environ, "ANSIBLE_LOCAL_TEMP": "/tmp/local", "ANSIBLE_REMOTE_TEMP": "/tmp/remote", "ANSIBLE_NOCOLOR": "1"}
run = subprocess.run(["ansible-playbook", "play.yml"], cwd=folder, env=env, capture_output=True, text=True)
print(run.returncode, run.stdout, (folder / "out.txt").read_text())
