"""Questions and answers: words and filters understood, the index asked, hits ranked and excerpted."""
