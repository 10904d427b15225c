"""The demo: everything on one machine, with an organisation and its year to try things on."""
