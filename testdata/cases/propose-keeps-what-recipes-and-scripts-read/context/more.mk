DOCS := docs

app: docs/prerequisite.md
	cp $(DOCS)/recipe.md out
