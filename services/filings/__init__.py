"""Papers (材料): written, handed in, reviewed, passed; reports (述职) and opinions among them."""
