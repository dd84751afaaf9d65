"""The archive for programs: JSON over HTTP, read only. shapes.py and explained.py are the JSON of the commands too."""
