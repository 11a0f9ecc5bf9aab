"""The steps that bring an older store up to the tables of today; `voicebot.records.database` takes them."""
