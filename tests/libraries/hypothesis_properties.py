# requires: hypothesis
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

print(find(st.integers(), lambda n: n > 100), find(st.lists(st.integers()), lambda x: sum(x) > 10))
seen = []


@settings(max_examples=20, derandomize=True, database=None, phases=[Phase.generate])
@given(st.dictionaries(st.text(), st.floats(allow_nan=False)), st.emails(), st.from_regex(r"a[0-9]+", fullmatch=True))
def check(a, b, c):
    seen.append(isinstance(a, dict) and "@" in b and c[0] == "a")


check()
print(all(seen), len(seen) > 5)
