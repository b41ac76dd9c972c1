"""Running reports moved to a newer version of their form: tried dry, carried out, told to whoever fills in."""
