"""Compares two unpacked file systems entry by entry: types, modes, owners, times, links, extended attributes, content."""
import collections
import hashlib
import os
import stat


def describe(root):
    """Every path below the root, with what there is to know about it; hard links as the set of their names."""
    entries, names = {}, collections.defaultdict(list)
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, root)
            info = os.lstat(path)
            entry = {
                "mode": oct(info.st_mode),
                "owner": (info.st_uid, info.st_gid),
                "time": info.st_mtime_ns,
                "xattrs": {a: os.getxattr(path, a, follow_symlinks=False).hex() for a in attributes(path)},
            }
            if stat.S_ISLNK(info.st_mode):
                entry["target"] = os.readlink(path)
            if stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode):
                entry["device"] = info.st_rdev
            if stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    entry["content"] = (info.st_size, hashlib.file_digest(file, "blake2b").hexdigest()[:32])
            if not stat.S_ISDIR(info.st_mode) and info.st_nlink > 1:
                names[(info.st_dev, info.st_ino)].append(inside)
            entries[inside] = entry
    for group in names.values():
        for name in group:
            entries[name]["links"] = sorted(group)
    return entries


def attributes(path):
    """Names of the attributes that an image can hold: not those that a file system makes up."""
    return [a for a in os.listxattr(path, follow_symlinks=False) if not a.startswith(("system.", "security.selinux", "trusted."))]


def differences(a, b, ignore=lambda path, field: False):
    """Lines that say where two descriptions differ; `ignore(path, field)` leaves out what cannot be equal."""
    for path in sorted(a.keys() | b.keys()):
        if path not in a or path not in b:
            if not ignore(path, "path"):
                yield f"{path}: only in the {'second' if path not in a else 'first'} tree"
            continue
        for field in sorted(a[path].keys() | b[path].keys()):
            x, y = a[path].get(field), b[path].get(field)
            if x != y and not ignore(path, field):
                yield f"{path}: {field}: {x} and {y}"
