#!/bin/sh
# What glibc's loader in IMAGE resolves for every ELF file there: a line "== FILE", then what `ld.so --list` says.
# The test `elf_closure` compares it with what bantam resolves, and says how.
set -eu
docker run --rm --user 0 --network none --entrypoint sh "$1" -c '
for loader in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do [ -e "$loader" ] && break; done
find / -xdev -type f -size +3 -exec env LC_ALL=C grep -l "^.ELF" {} + | LC_ALL=C sort | while IFS= read -r file; do
  echo "== $file"; "$loader" --list "$file" 2>&1 || echo "!! failed"
done'
