# requires: ciso8601
"""C code that takes its interface from a module which no source names."""
import ciso8601

print(ciso8601.parse_datetime("2020-01-02T03:04:05"))
