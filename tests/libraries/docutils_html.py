# requires: docutils
from docutils.core import publish_parts, publish_string

source = """
Title
=====

.. note:: Hello *world*.

.. math:: a^2

.. list-table::

   * - a
     - b

.. code:: python

   x = 1

.. include:: <isonum.txt>

|copy| end
"""
print(publish_parts(source, writer="html5", settings_overrides={"report_level": 5})["html_body"][:600])
print(publish_string(source, writer="latex", settings_overrides={"report_level": 5}).decode()[-200:])
print(publish_string(source, writer="pseudoxml", settings_overrides={"report_level": 5, "language_code": "de"}).decode()[:200])
