"""The registry: source files → Source values, and a look at the files while a clock runs."""

from crawler.catalogue.catalogue import SHIPPED, Catalogue, load_catalogue
from crawler.catalogue.source_file import NATIONAL, read_source

__all__ = ["NATIONAL", "SHIPPED", "Catalogue", "load_catalogue", "read_source"]
