# requires: scrapy parsel pyquery cssutils
from scrapy import Spider, Request, Item, Field
from scrapy.http import HtmlResponse
from scrapy.linkextractors import LinkExtractor
from scrapy.loader import ItemLoader
from scrapy.settings import Settings
from scrapy.crawler import CrawlerProcess
from scrapy.exporters import JsonLinesItemExporter
from itemloaders.processors import TakeFirst, MapCompose
from parsel import Selector
from pyquery import PyQuery
import cssutils, io, logging, pathlib
class It(Item):
    t = Field(output_processor=TakeFirst(), input_processor=MapCompose(str.strip)); n = Field()
r = HtmlResponse("http://e.org/", body=b"<html><title> T </title><a href='/x'>x</a><p>1</p><p>2</p></html>", encoding="utf-8")
l = ItemLoader(item=It(), response=r); l.add_css("t", "title::text"); l.add_xpath("n", "//p/text()"); i = l.load_item(); print(dict(i))
print([x.url for x in LinkExtractor().extract_links(r)])
b = io.BytesIO(); e = JsonLinesItemExporter(b); e.start_exporting(); e.export_item(i); e.finish_exporting(); print(b.getvalue())
pathlib.Path("/tmp/p.html").write_text("<h1>local</h1>")
class Sp(Spider):
    name = "s"; start_urls = ["file:///tmp/p.html"]
    def parse(self, response): yield {"h": response.css("h1::text").get()}
p = CrawlerProcess({"LOG_LEVEL": "ERROR", "FEEDS": {"/tmp/o.json": {"format": "json"}}, "TELNETCONSOLE_ENABLED": False})
p.crawl(Sp); p.start(); print(pathlib.Path("/tmp/o.json").read_text())
print(Selector("<a><b>1</b></a>", type="xml").xpath("//b/text()").get(), Selector('{"a": [1,2]}', type="json").jmespath("a[1]").get())
print(PyQuery("<div><p class='x'>1</p></div>")("p.x").text())
cssutils.log.setLevel(logging.CRITICAL); print(cssutils.parseString("a { color: red; margin: 0 }").cssText)
