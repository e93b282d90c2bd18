# requires: xmltodict defusedxml pyxb-x untangle xmlschema
import io

import defusedxml.ElementTree
import xmlschema
import xmltodict

print(xmltodict.parse("<a x='1'><b>1</b><b>2</b></a>"), xmltodict.unparse({"a": {"b": 1}}))
try:
    defusedxml.ElementTree.fromstring("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>")
except defusedxml.EntitiesForbidden as error:
    print(type(error).__name__)
schema = xmlschema.XMLSchema("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='n' type='xs:int'/></xs:schema>")
print(schema.is_valid("<n>1</n>"), schema.is_valid("<n>x</n>"), schema.decode(io.StringIO("<n>5</n>")))
