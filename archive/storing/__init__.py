"""An item becomes part of a story: pages, texts, judgements, prints, likenesses, joins."""
