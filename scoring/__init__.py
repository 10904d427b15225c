"""The pure rules engine: a scheme (data) and a document of facts in, graded subjects with their trace out. Imports nothing of ours."""
