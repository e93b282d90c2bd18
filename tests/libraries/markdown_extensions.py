# requires: markdown pygments
import markdown

text = """# Title

| a | b |
|---|---|
| 1 | 2 |

```python
print(1)
```

Term[^1]

[^1]: note
"""
print(markdown.markdown(text, extensions=["extra", "codehilite", "toc", "admonition", "smarty", "meta"]))
