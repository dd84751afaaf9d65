"""The catalogues of what people read. `python -m crawler.locale` keeps them in step with the code."""
