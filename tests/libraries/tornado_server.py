# requires: tornado
import asyncio

import tornado.httpclient
import tornado.httpserver
import tornado.template
import tornado.web
from tornado import locale, netutil


class Main(tornado.web.RequestHandler):
    async def get(self, name):
        self.write({"name": name})


async def main():
    sockets = netutil.bind_sockets(0, "127.0.0.1")
    server = tornado.httpserver.HTTPServer(tornado.web.Application([(r"/(.*)", Main)]))
    server.add_sockets(sockets)
    answer = await tornado.httpclient.AsyncHTTPClient().fetch(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/abc")
    print(answer.code, answer.body)


asyncio.run(main())
print(tornado.template.Template("{% for i in x %}{{ i }};{% end %}").generate(x=[1, 2]), locale.get("de").name)
