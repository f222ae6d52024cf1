package model

// custom is what is usual where a practice is: it fills what was left out when
// the practice is made, and stays a setting.
type custom struct {
	weekStart string
	currency  string
}

var (
	inIsrael  = custom{"sunday", "ILS"}
	inUSA     = custom{"sunday", "USD"}
	inBritain = custom{"monday", "GBP"}
	inEurope  = custom{"monday", "EUR"}
)

// customs are by time zone, the one thing that says where a practice is.
var customs = map[string]custom{
	"Asia/Jerusalem": inIsrael, "Asia/Tel_Aviv": inIsrael, "Israel": inIsrael,

	"America/New_York": inUSA, "America/Detroit": inUSA, "America/Chicago": inUSA, "America/Denver": inUSA, "America/Phoenix": inUSA,
	"America/Los_Angeles": inUSA, "America/Anchorage": inUSA, "Pacific/Honolulu": inUSA,
	"America/Toronto": {"sunday", "CAD"}, "America/Vancouver": {"sunday", "CAD"},

	"Europe/London": inBritain, "Europe/Belfast": inBritain, "Europe/Dublin": inEurope,
	"Europe/Amsterdam": inEurope, "Europe/Athens": inEurope, "Europe/Berlin": inEurope, "Europe/Brussels": inEurope,
	"Europe/Helsinki": inEurope, "Europe/Lisbon": inEurope, "Europe/Luxembourg": inEurope, "Europe/Madrid": inEurope,
	"Europe/Paris": inEurope, "Europe/Rome": inEurope, "Europe/Vienna": inEurope,
	"Europe/Zurich": {"monday", "CHF"},

	"Asia/Dubai": {"monday", "AED"}, "Australia/Sydney": {"monday", "AUD"}, "Australia/Melbourne": {"monday", "AUD"},
	"Pacific/Auckland": {"monday", "NZD"}, "Africa/Johannesburg": {"sunday", "ZAR"},
}

// customOf is the custom of a zone; where that is not known, the language has
// to do.
func customOf(zone, locale string) custom {
	if known, ok := customs[zone]; ok {
		return known
	}
	if locale == "he" {
		return inIsrael
	}
	return custom{"monday", "USD"}
}
