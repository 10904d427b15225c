"""Evaluations outside meetings (民主测评), set up from a file and run by the clock."""
