"""Work that leaves the process: a row written with its cause, done by the durable runner."""
