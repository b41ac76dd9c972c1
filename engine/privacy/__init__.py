"""What may leave the registers and in which shape: masks, who lifted them and why, what is made public."""
