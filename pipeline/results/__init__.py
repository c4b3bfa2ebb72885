"""Numbers that follow from the files of a run, before anyone draws them."""
