"""The console's pages, one module for each thing somebody comes to do."""
