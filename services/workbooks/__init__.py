"""Workbooks: reading those that people bring, and writing pages with formulas."""
