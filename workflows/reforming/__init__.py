"""Changes of organisations carried through everything that names them."""
