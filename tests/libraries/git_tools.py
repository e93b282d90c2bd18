# requires: gitpython dulwich
import io

from dulwich.objects import Blob, Tree
from dulwich.repo import MemoryRepo

blob = Blob.from_string(b"content")
tree = Tree()
tree.add(b"f", 0o100644, blob.id)
repo = MemoryRepo()
repo.object_store.add_object(blob)
print(blob.id, tree.id, repo[blob.id].data)
try:
    import git
    git.Repo("/tmp")
except Exception as error:
    print(type(error).__name__ in ("InvalidGitRepositoryError", "ImportError"))
print(io.BytesIO(blob.as_raw_string()).read())
