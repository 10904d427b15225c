"""Write the JSON Schema of the scheme language beside the scheme files: python -m tools.write_scheme_schema"""

from config.scheme_files import SCHEMES
from scoring.editor_schema import editor_schema

if __name__ == "__main__":
    (SCHEMES / "scheme.schema.json").write_text(editor_schema(), encoding="utf-8")
