# requires: nltk
from nltk import FreqDist, ngrams
from nltk.metrics import edit_distance
from nltk.stem import PorterStemmer, SnowballStemmer
from nltk.tokenize import RegexpTokenizer, WordPunctTokenizer
from nltk.tree import Tree

words = WordPunctTokenizer().tokenize("The cats aren't running.")
print(words, [PorterStemmer().stem(w) for w in words], SnowballStemmer("german").stem("Häuser"))
print(list(ngrams("abc", 2)), FreqDist("aab").most_common(1), edit_distance("ab", "ac"), Tree.fromstring("(S (N a))").leaves(), RegexpTokenizer(r"\w+").tokenize("a-b"))
