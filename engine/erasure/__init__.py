"""Deletion of what is known of one person, at their lawful request: asked, approved, swept, certified; holds."""
