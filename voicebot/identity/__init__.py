"""Strong identity for personal matters: a code by text message, or an approval on the caller's own phone."""
