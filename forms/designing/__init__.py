"""Drawing a form: operations, steps of several people, taking a sheet in, help with formulas, replay."""
