"""Commands that judge, and that rule what the machine judged: labels, stories, the taxonomy, reprocessing."""
