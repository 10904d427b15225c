"""Score runs: computed, compared, decided, published, explained."""
