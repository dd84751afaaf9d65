"""Divisions, zones, vocabularies and the judgement of a text by them. Pure: reads its data files once, nothing else."""

from crawler.taxonomy.divisions import Divisions
from crawler.taxonomy.taxonomy import Taxonomy, load_taxonomy
from crawler.taxonomy.vocabulary import Act, Topic
from crawler.taxonomy.zones import Zone

__all__ = ["Act", "Divisions", "Taxonomy", "Topic", "Zone", "load_taxonomy"]
