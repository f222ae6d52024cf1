package auth

import (
	"testing"
	"time"
)

func TestTimesInMailsAreByTheClockOfThePractice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, zone, at, want string }{
		{"en", "Asia/Jerusalem", "2026-11-23T16:57:00Z", "23 November 2026, 18:57 (Jerusalem)"},
		{"en", "Asia/Jerusalem", "2026-07-01T21:30:00Z", "2 July 2026, 00:30 (Jerusalem)"}, // summer, and the next day
		{"en", "America/New_York", "2026-01-01T03:00:00Z", "31 December 2025, 22:00 (New York)"},
		{"en", "UTC", "2026-02-02T09:00:00Z", "2 February 2026, 09:00 (UTC)"},
		{"", "UTC", "2026-02-02T09:00:00Z", "2 February 2026, 09:00 (UTC)"},
		{"he", "Asia/Jerusalem", "2026-11-23T16:57:00Z", "23 בנובמבר 2026, 18:57 (שעון ישראל)"},
		{"he", "Asia/Tel_Aviv", "2026-01-31T22:05:00Z", "1 בפברואר 2026, 00:05 (שעון ישראל)"},
		{"he", "Europe/Paris", "2026-12-31T22:59:00Z", "31 בדצמבר 2026, 23:59 (Paris)"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := mailTime(c.locale, at, zone); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.locale, c.zone, got, c.want)
		}
	}
}
