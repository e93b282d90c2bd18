# requires: feedparser
import feedparser

feed = feedparser.parse("""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<item><title>A &amp; B</title><link>http://x/</link><pubDate>Mon, 01 Jan 2024 10:00:00 GMT</pubDate>
<description>&lt;script&gt;x&lt;/script&gt;&lt;b&gt;ok&lt;/b&gt;</description></item></channel></rss>""")
print(feed.version, feed.feed.title, feed.entries[0].title, feed.entries[0].summary, feed.entries[0].published_parsed[:5])
