"""What a demonstration needs and a real installation does not: template workbooks, a population."""
