# requires: spacy
import spacy
from spacy.matcher import Matcher

for language in ("en", "de", "fr"):
    nlp = spacy.blank(language)
    nlp.add_pipe("sentencizer")
    doc = nlp("Mr. Smith isn't here. Das kostet 5€!")
    print(language, [t.text for t in doc], len(list(doc.sents)), doc[0].is_stop)
nlp = spacy.blank("en")
matcher = Matcher(nlp.vocab)
matcher.add("X", [[{"LOWER": "red"}, {"IS_ALPHA": True}]])
print([(s, e) for _, s, e in matcher(nlp("a Red car"))])
