"""Public notices (公示) and the objections to what is on them."""
