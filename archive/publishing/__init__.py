"""What enters feeds and notifications, once and for all."""
