"""When a source is polled next: rhythm, interval, cron lines, back-off and budgets. Pure; the clock is the caller's."""
