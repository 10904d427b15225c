"""A run as the official tables: registers, summaries, ranking, and what came back in them."""
