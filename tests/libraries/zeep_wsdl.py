# requires: zeep
import io

import zeep
from zeep.transports import Transport

wsdl = b"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t"
 xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"><types><x:schema targetNamespace="urn:t" elementFormDefault="qualified">
 <x:element name="Q"><x:complexType><x:sequence><x:element name="a" type="x:date"/></x:sequence></x:complexType></x:element></x:schema></types>
 <message name="M"><part name="p" element="t:Q"/></message><portType name="P"><operation name="Do"><input message="t:M"/></operation></portType>
 <binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Do"><s:operation soapAction="d"/>
 <input><s:body use="literal"/></input></operation></binding><service name="S"><port name="R" binding="t:B"><s:address location="http://x/"/></port></service></definitions>"""
client = zeep.Client(io.BytesIO(wsdl), transport=Transport())
import datetime  # noqa: E402

from lxml import etree  # noqa: E402

print(etree.tostring(client.create_message(client.service, "Do", a=datetime.date(2024, 1, 1))).decode())
