"""`voicebot bench`: a served bot and a simulated caller, measured by what the caller said and heard."""
