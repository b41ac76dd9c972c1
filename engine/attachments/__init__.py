"""Photos, files and handwritten signatures: what is taken, how it is cleaned, where it is kept."""
