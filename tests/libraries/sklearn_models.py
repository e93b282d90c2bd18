# requires: scikit-learn
import numpy as np
from sklearn import datasets, metrics
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

x, y = datasets.load_iris(return_X_y=True)
train, test, train_y, test_y = train_test_split(x, y, random_state=0)
for model in (LogisticRegression(max_iter=500), RandomForestClassifier(10, random_state=0), SVC(), KNeighborsClassifier(), GradientBoostingClassifier(n_estimators=5, random_state=0)):
    print(type(model).__name__, round(make_pipeline(StandardScaler(), model).fit(train, train_y).score(test, test_y), 2))
print(KMeans(3, n_init=1, random_state=0).fit(x).cluster_centers_.shape, np.round(PCA(2).fit(x).explained_variance_ratio_, 3))
print(TfidfVectorizer().fit_transform(["a cat", "a dog"]).shape, round(cross_val_score(LogisticRegression(max_iter=500), x, y).mean(), 2))
print(metrics.classification_report([0, 1], [0, 1], zero_division=0), make_column_transformer((StandardScaler(), [0])).fit_transform(x).shape)
