# requires: regex charset-normalizer chardet unidecode ftfy
import chardet
import charset_normalizer
import ftfy
import regex
import unidecode

text = "Größe und Länge: das wäre schön, oder? " * 5
print(regex.findall(r"\p{Lu}\w+", text)[:2], regex.sub(r"(?<x>a+)", r"[\g<x>]", "baab"), regex.fullmatch(r"(?:cat){e<=1}", "cut") is not None)
print(charset_normalizer.from_bytes(text.encode("utf-16")).best().encoding, charset_normalizer.from_bytes(text.encode()).best().language)
print(chardet.detect(("日本語テキスト" * 9).encode("shift_jis"))["encoding"], unidecode.unidecode("北京 Łódź"), ftfy.fix_text("schÃ¶n"))
