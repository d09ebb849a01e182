"""The vendors, from outside: deliveries (`emission`) and the mock of their servers (`server`)."""
