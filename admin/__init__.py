"""The application: pages for each role, REST API, command line, migrations."""
