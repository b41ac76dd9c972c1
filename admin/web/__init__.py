"""Between HTTP and the commands: who visits, pages from templates, problems as answers."""
