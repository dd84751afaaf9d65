"""The settings module that scrapy.cfg names, for `scrapy list` and `scrapy crawl`."""

from crawler.config import load_config
from crawler.settings import scrapy_settings

globals().update(scrapy_settings(load_config()))
