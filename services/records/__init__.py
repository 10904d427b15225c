"""Records of organisational life: kept, asked about, reviewed, archived; who was there."""
