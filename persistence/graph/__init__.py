"""Selection → SQL → the JSON text of the answer. No Python object per row."""
