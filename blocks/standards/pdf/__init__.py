"""PDF files as they come from outside: their text layer with boxes, their attachments, and what is wrong with them."""
