"""What a resident may open of their own: a slip with a code from the counter, and the visit it opens."""
