"""What people and better rules change of what is stored."""
