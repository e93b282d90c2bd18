# requires: streamlit
import pathlib

from streamlit.testing.v1 import AppTest

pathlib.Path("/tmp/app.py").write_text(
    "import streamlit as st\nst.title('T')\nn = st.slider('n', 0, 5, 2)\nst.write(n * 2)\nst.dataframe({'a': [1]})\nif st.button('b'):\n    st.success('pressed')\n")
test = AppTest.from_file("/tmp/app.py", default_timeout=60).run()
print(test.title[0].value, test.markdown[0].value)
test.button[0].click().run()
print(test.success[0].value)
