//! Modules without a file.

/// `sys.builtin_module_names` of CPython 3.6 to 3.14 on Linux, taken together; sorted.
pub const BUILTIN_MODULES: &[
    "__main__", "_abc", "_ast", "_bisect", "_blake2", "_codecs", "_collections", "_contextvars", "_csv", "_datetime", "_elementtree", "_functools", "_heapq", "_imp", "_io", "_json", "_locale", "_md5", "_opcode", "_operator", "_pickle", "_posixsubprocess", "_random", "_sha1", "_sha2", "_sha256", "_sha3", "_sha512", "_signal", "_socket", "_sre", "_stat", "_statistics", "_string", "_struct", "_suggestions", "_symtable", "_sysconfig", "_thread", "_tokenize", "_tracemalloc", "_types", "_typing", "_warnings", "_weakref", "_winapi", "_zoneinfo", "array", "atexit", "binascii", "builtins", "cmath", "errno", "faulthandler", "fcntl", "gc", "grp", "itertools", "marshal", "math", "mmap", "msvcrt", "nt", "posix", "pwd", "pyexpat", "resource", "select", "spwd", "sys", "syslog", "termios", "time", "unicodedata", "winreg", "xxsubtype", "zlib",
];

#[cfg(test)]
mod tests {
    #[test]
    fn sorted_for_binary_search() {
        assert!(super::BUILTIN_MODULES.is_sorted());
    }
}
