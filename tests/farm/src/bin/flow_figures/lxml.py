"""Reads and searches a hierarchy with lxml, barely and as uiautomator2 does it; tells the CPU that one call takes.

Takes the hierarchy and what is wanted as one line of JSON, then orders: "lxml 20" answers µs a call.
"""

import json
import sys
import time

from lxml import etree
from uiautomator2.xpath import PageSource

given = json.loads(sys.stdin.readline())
text = given["xml"]
# lxml takes no text that names its encoding.
data = text.encode()
paths = [f"//*[@{attribute}='{value}']" for attribute, value in given["wanted"]]


def bare():
    root = etree.fromstring(data)
    return [root.xpath(path) for path in paths]


def uiautomator2():
    source = PageSource.parse(text)
    return [source.find_elements(path) for path in paths]


ways = {"lxml": bare, "uiautomator2": uiautomator2}
for way in ways.values():
    assert all(way()), "not everything that is there was found"
print("ready", flush=True)
for order in sys.stdin:
    name, times = order.split()
    way = ways[name]
    before = time.process_time()
    for _ in range(int(times)):
        way()
    print((time.process_time() - before) * 1e6 / int(times), flush=True)
