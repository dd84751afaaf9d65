"""How a source is polled: one poll a host at a time, for those who ask for it, back through histories where wanted."""
