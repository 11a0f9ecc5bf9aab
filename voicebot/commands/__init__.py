"""One module per subcommand of `voicebot`."""
