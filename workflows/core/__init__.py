"""The inside of the machine: a run over the state, tokens, signers, ways back, refusals. Pure."""
